//! The simulator answers no page of another site, not even under a host name that was made to mean this
//! machine.

use reqwest::{Method, RequestBuilder, StatusCode};

use crate::tests::harness::{Engine, TestApp};

const ASKED: [(Method, &str); 10] = [
    (Method::GET, "/"),
    (Method::GET, "/prompts"),
    (Method::GET, "/phones/254712345678"),
    (Method::GET, "/inspector"),
    (Method::GET, "/inspector/exchanges"),
    (Method::GET, "/statement.csv"),
    (Method::GET, "/nowhere"),
    (Method::POST, "/faults"),
    (Method::POST, "/prompts/ws_CO_1"),
    (Method::POST, "/mpesa/stkpush/v1/processrequest"),
];

fn ask(app: &TestApp, method: &Method, path: &str) -> RequestBuilder {
    app.http.request(method.clone(), app.simulator.join(path).expect("a path")).body("{}")
}

async fn status(request: RequestBuilder) -> StatusCode {
    request.send().await.expect("an answer").status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulator_answers_its_own_hosts_and_origins_only() {
    let app = TestApp::new(Engine::Sqlite).await;
    let port = app.simulator.port().expect("a port");
    for (method, path) in ASKED {
        for host in [
            "evil.example",
            "127.0.0.1.evil.example",
            "[::1].evil.example",
            "localhost.evil.example:80",
            "203.0.113.9",
            "user@127.0.0.1",
        ] {
            assert_eq!(
                status(ask(&app, &method, path).header("host", host)).await,
                StatusCode::MISDIRECTED_REQUEST,
                "{method} {path} of {host}"
            );
        }
        for origin in [
            "https://evil.example",
            "null",
            "http://127.0.0.1",
            "http://127.0.0.1:1",
            "http://localhost.evil.example",
        ] {
            assert_eq!(
                status(ask(&app, &method, path).header("origin", origin)).await,
                StatusCode::FORBIDDEN,
                "{method} {path} from {origin}"
            );
        }
    }
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        let own = ask(&app, &Method::GET, "/prompts")
            .header("host", &host)
            .header("origin", format!("http://{host}"));
        assert_eq!(status(own).await, StatusCode::OK, "{host}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_public_the_simulator_answers_under_the_sites_name() {
    let app =
        TestApp::with(Engine::Sqlite, &[("SITE_URL", "https://demo.example"), ("SIMULATION_PUBLIC", "true")])
            .await;
    let of = |host: &'static str| ask(&app, &Method::GET, "/prompts").header("host", host);
    assert_eq!(status(of("demo.example:3001")).await, StatusCode::OK);
    assert_eq!(status(of("demo.example").header("origin", "https://demo.example")).await, StatusCode::OK);
    assert_eq!(status(of("evil.example")).await, StatusCode::MISDIRECTED_REQUEST);
}
