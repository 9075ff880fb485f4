//! How forms are read, and what happens to a form that was refused. A handler answers with a `RefusedForm`. A
//! program gets the error as JSON. A browser gets the form's own page again: the server renders that page and
//! hands it the `RefusedForm` as context.

use axum::extract::{Form, FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use leptos::prelude::use_context;
use serde::de::DeserializeOwned;

use crate::types::{AppError, Text};

/// The fields of a form, as an extractor. A body that is no form, or that lacks a field of `T`, is refused
/// with `AppError::unreadable_form`.
pub struct Typed<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Typed<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| AppError::unreadable_form())
    }
}

/// A form that was refused, with the reasons and with what was typed.
#[derive(Debug, Clone)]
pub struct RefusedForm {
    /// The address of the page that shows the form again. For a form without a page of its own the server
    /// makes a page that says the reason alone.
    pub page: Option<String>,
    /// The error that a program gets, and the status of the answer.
    pub error: AppError,
    /// The name of the form on its page, because a page may have several forms.
    pub form: String,
    /// For each wrong field its name and what is wrong. An empty name stands for the form as a whole.
    wrong: Vec<(&'static str, Text)>,
    typed: Vec<(&'static str, String)>,
}

impl RefusedForm {
    /// A refused form that is shown again on the page at the path `page`. The error's text is said of the
    /// form as a whole, until `at` or `all_wrong` says it of fields.
    pub fn new(page: impl Into<String>, form: impl Into<String>, error: AppError) -> Self {
        Self { page: Some(page.into()), form: form.into(), ..Self::without_page(error) }
    }

    /// A refusal without a page of its own: no form is shown again, only the reason.
    pub fn without_page(error: AppError) -> Self {
        let wrong = vec![("", error.text())];
        Self { page: None, error, form: String::new(), wrong, typed: Vec::new() }
    }

    /// Says the reason beside this field. `None` says it of the form as a whole.
    pub fn at(mut self, field: impl Into<Option<&'static str>>) -> Self {
        self.wrong = vec![(field.into().unwrap_or_default(), self.error.text())];
        self
    }

    /// Replaces the reason by several, each beside its field.
    pub fn all_wrong(mut self, wrong: Vec<(&'static str, Text)>) -> Self {
        self.wrong = wrong;
        self
    }

    /// Adds values that the form shows again. A handler never passes a password here.
    pub fn typed(mut self, fields: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.typed.extend(fields);
        self
    }

    /// Attaches the refusal to an answer. The answer itself is what programs get; for a browser the server
    /// finds the refusal in the extensions and makes a page of it.
    pub fn on(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        response.extensions_mut().insert(self);
        response
    }

    /// What is wrong with the field of this name; an empty name asks about the form as a whole. `None` means
    /// that nothing is wrong with it.
    pub fn wrong(&self, field: &str) -> Option<Text> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, reason)| reason.clone())
    }

    /// The first reason, whichever field it is about.
    pub fn reason(&self) -> Option<Text> {
        self.wrong.first().map(|(_, reason)| reason.clone())
    }

    /// What was typed into a field. `None` if the handler did not keep it.
    pub fn value(&self, field: &str) -> Option<String> {
        self.typed.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone())
    }
}

impl IntoResponse for RefusedForm {
    fn into_response(self) -> Response {
        let answer = self.error.clone();
        self.on(answer)
    }
}

/// The refused form of the page that is being rendered, if its name is `form`. Each form of a page asks this
/// for itself.
pub fn refused(form: &str) -> Option<RefusedForm> {
    use_context::<RefusedForm>().filter(|refused| refused.form == form)
}

/// Whether the client asks for a page (a browser that follows a link or sends a form) and not for data.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}
