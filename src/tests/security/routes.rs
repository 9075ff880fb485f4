//! The list of routes agrees with what the server answers.

use crate::server::{self, Access};
use crate::tests::harness::{TestApp, both};

/// An address of a route, with made-up ids in it.
pub(super) fn somewhere(path: &str) -> String {
    let id = "01a20b21-0000-7000-8000-000000000000";
    [
        ("{id}", id),
        ("{person}", id),
        ("{number}", "1"),
        ("{position}", "1"),
        ("{name}", "x.webp"),
        ("{token}", "0"),
        ("{handle}", "asha"),
    ]
    .into_iter()
    .fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

both! {
    /// A visitor gets an answer from each route. It is never a fault of ours, and never what only a signed-in
    /// person may see.
    async fn every_route_answers_a_visitor(app: TestApp) {
        let routes = server::routes();
        assert!(routes.len() > 40, "only {} routes", routes.len());
        for route in routes {
            let path = somewhere(route.path);
            assert!(!path.contains('{'), "{path} has a part without a value");
            let answer = app.http.request(route.method.clone(), app.at(&path)).send().await.expect("an answer");
            let status = answer.status().as_u16();
            assert!(status != 405 && status < 500, "{} {path}: {status}", route.method);
            let is_for_anyone = matches!(route.who, Access::Anyone | Access::Safaricom);
            assert!(is_for_anyone || matches!(status, 303 | 400 | 401 | 403 | 404 | 415 | 422), "{} {path}: {status}", route.method);
        }
    }
}
