//! The routes as a list: what answers where, and who may use it. A test of "every route" reads the routes
//! themselves.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};

use crate::context::App;

/// Who may use a route. The handler enforces it; a test checks that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Anyone,
    SignedIn,
    Buyer,
    Tipster,
    Staff,
    /// Whoever knows the secret in the address.
    Safaricom,
}

/// One method of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    /// The path as axum reads it, with `{name}` for a part that differs.
    pub path: &'static str,
    pub who: Access,
    /// Whether it takes a picture: then it reads a larger body by itself, up to its own limit.
    pub is_upload: bool,
}

/// A router that remembers its routes.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    /// The routes that take pictures are apart, because other layers stand before them.
    uploads: Router<App>,
    list: Vec<Route>,
}

impl Routes {
    /// Adds a route that reads.
    pub fn get<H: Handler<T, App>, T: 'static>(self, who: Access, path: &'static str, handler: H) -> Self {
        self.add(Method::GET, path, who, handler)
    }

    /// Adds a route that takes a form or JSON.
    pub fn post<H: Handler<T, App>, T: 'static>(self, who: Access, path: &'static str, handler: H) -> Self {
        self.add(Method::POST, path, who, handler)
    }

    /// Adds a route that takes a form with a picture in it.
    pub fn upload<H: Handler<T, App>, T: 'static>(
        mut self,
        who: Access,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.uploads = self.uploads.route(path, on(MethodFilter::POST, handler));
        self.list.push(Route { method: Method::POST, path, who, is_upload: true });
        self
    }

    fn add<H: Handler<T, App>, T: 'static>(
        mut self,
        method: Method,
        path: &'static str,
        who: Access,
        handler: H,
    ) -> Self {
        let filter = if method == Method::GET { MethodFilter::GET } else { MethodFilter::POST };
        self.router = self.router.route(path, on(filter, handler));
        self.list.push(Route { method, path, who, is_upload: false });
        self
    }

    /// Adds all routes of the other list. Two that answer the same make axum panic at the start.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.uploads = self.uploads.merge(other.uploads);
        self.list.extend(other.list);
        self
    }

    /// The two routers: `(forms, pictures)`.
    pub fn into_routers(self) -> (Router<App>, Router<App>) {
        (self.router, self.uploads)
    }

    /// The routes, in the order in which they were added.
    #[cfg(test)]
    pub fn into_list(self) -> Vec<Route> {
        self.list
    }
}
