//! Takes the secrets out of what the inspector shows: passwords, tokens, and the part of a callback's address
//! that only Safaricom may know.

use serde_json::Value;

/// The most characters of a body that are shown.
const BODY_MAX_CHARS: usize = 4_096;
/// A longer part of a path may be a secret.
const PATH_PART_MAX: usize = 16;
const HIDDEN: &str = "…";

/// A body as it may be shown: JSON without its secrets, other text as it is.
pub fn redacted(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(mut value) if value.is_object() => {
            hide(&mut value);
            value.to_string()
        }
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    if text.chars().count() <= BODY_MAX_CHARS {
        text
    } else {
        text.chars().take(BODY_MAX_CHARS).chain(HIDDEN.chars()).collect()
    }
}

fn hide(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields.iter_mut() {
        let name = name.to_ascii_lowercase();
        if matches!(name.as_str(), "password" | "securitycredential" | "access_token" | "passkey") {
            *value = HIDDEN.into();
        } else if let (true, Some(url)) = (name.ends_with("url"), value.as_str()) {
            *value = without_secrets(url).into();
        } else {
            hide(value);
        }
    }
}

/// An address in which the long parts of the path are hidden.
pub fn without_secrets(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (path, question) =
        path.split_once('?').map_or((path, None), |(path, question)| (path, Some(question)));
    let parts: Vec<&str> =
        path.split('/').map(|part| if part.len() > PATH_PART_MAX { HIDDEN } else { part }).collect();
    let question = question.map_or_else(String::new, |question| format!("?{question}"));
    format!("{scheme}://{host}/{}{question}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden() {
        let secret = "0123456789abcdef".repeat(4);
        let url = format!("https://ligisoo.example/payments/api/callback/{secret}");
        let body = format!(
            r#"{{"Password":"p4ss","Amount":50,"CallBackURL":"{url}","nested":{{"access_token":"t0ken"}}}}"#
        );
        let shown = redacted(body.as_bytes());
        assert_eq!(
            shown,
            concat!(
                r#"{"Amount":50,"CallBackURL":"https://ligisoo.example/payments/api/callback/…","#,
                r#""Password":"…","nested":{"access_token":"…"}}"#
            )
        );
        assert_eq!(
            without_secrets("http://127.0.0.1:9/oauth/v1/generate?grant_type=client_credentials"),
            "http://127.0.0.1:9/oauth/v1/generate?grant_type=client_credentials"
        );
        assert_eq!(
            without_secrets("http://127.0.0.1:9/mpesa/stkpush/v1/processrequest"),
            "http://127.0.0.1:9/mpesa/stkpush/v1/processrequest"
        );
        assert_eq!(redacted(b"<html>"), "<html>");
        assert_eq!(redacted("é".repeat(5_000).as_bytes()).chars().count(), BODY_MAX_CHARS + 1);
    }
}
