//! Forms: how they are read, and what is said of one that was refused. A handler answers with a
//! `RefusedForm`; a program gets its error as JSON, and a browser gets the form's own page again, made by the
//! server, which hands the `RefusedForm` to that page as context.

use axum::extract::{Form, FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use leptos::prelude::use_context;
use serde::de::DeserializeOwned;

use crate::types::{AppError, Text};

/// The fields of a form, which may hold anything but must be fields.
pub struct Typed<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Typed<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(fields)| Self(fields)).map_err(|_| AppError::unreadable_form())
    }
}

/// A form that was refused, and the reasons, with what was typed.
#[derive(Debug, Clone)]
pub struct RefusedForm {
    /// The address of the page that shows the form again. A form without a page of its own gets a page with
    /// the reason alone.
    pub page: Option<String>,
    pub error: AppError,
    /// Which of the page's forms it is.
    pub form: String,
    /// A field's name, or nothing for the form as a whole, and what is wrong with it.
    wrong: Vec<(&'static str, Text)>,
    typed: Vec<(&'static str, String)>,
}

impl RefusedForm {
    pub fn new(page: impl Into<String>, form: impl Into<String>, error: AppError) -> Self {
        Self { page: Some(page.into()), form: form.into(), ..Self::without_page(error) }
    }

    pub fn without_page(error: AppError) -> Self {
        let wrong = vec![("", error.text())];
        Self { page: None, error, form: String::new(), wrong, typed: Vec::new() }
    }

    /// Says the reason beside a field, where there is one that is wrong.
    pub fn at(mut self, field: impl Into<Option<&'static str>>) -> Self {
        self.wrong = vec![(field.into().unwrap_or_default(), self.error.text())];
        self
    }

    /// Several reasons, each beside its field.
    pub fn all_wrong(mut self, wrong: Vec<(&'static str, Text)>) -> Self {
        self.wrong = wrong;
        self
    }

    /// What the form shows again. Passwords are not among it.
    pub fn typed(mut self, fields: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.typed.extend(fields);
        self
    }

    /// Puts the refusal on an answer that says the error to programs.
    pub fn on(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        response.extensions_mut().insert(self);
        response
    }

    /// What is wrong with a field, or with the form as a whole for an empty name.
    pub fn wrong(&self, field: &str) -> Option<Text> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, reason)| reason.clone())
    }

    /// The first reason, whatever it is about.
    pub fn reason(&self) -> Option<Text> {
        self.wrong.first().map(|(_, reason)| reason.clone())
    }

    /// What was typed into a field, if it may be shown again.
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

/// The form of the page that is being made, if it is this one that was refused.
pub fn refused(form: &str) -> Option<RefusedForm> {
    use_context::<RefusedForm>().filter(|refused| refused.form == form)
}

/// Whether a page is wanted, as browsers do for forms and links, or data.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"))
}
