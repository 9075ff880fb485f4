//! The Content-Security-Policy of a page that many people get. It names the page's scripts by their hashes
//! (CSP 3 §2.3.1, hash-source), while a page made for one answer names them by a nonce. So the page is the
//! same for everybody and can be kept compressed.

use std::fmt::Write;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The policy with the hash of each script instead of the nonce, and the page without the nonce. Only scripts
/// that carried the nonce may run, as before. `None` for a policy without a nonce, and for a page that shows
/// its nonce anywhere but on a script's or a link's tag.
pub fn by_hash(policy: &str, page: &str) -> Option<(String, String)> {
    let nonce = policy.split_once("'nonce-")?.1.split_once('\'')?.0;
    let mark = format!(" nonce=\"{nonce}\"");
    let mut pieces = page.split(&mark);
    let mut shown = pieces.next()?.to_owned();
    let mut scripts: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        let tag = &shown[shown.rfind('<')?..];
        if tag.starts_with("<script") && !tag.contains(" src=") {
            let start = end_of_tag(piece)?;
            let length = piece[start..].find("</script>")?;
            scripts.push(shown.len() + start..shown.len() + start + length);
        } else if !tag.starts_with("<script") && !tag.starts_with("<link") {
            return None;
        }
        shown.push_str(piece);
    }
    if shown.contains(nonce) {
        return None;
    }
    let mut hashes = String::new();
    for script in scripts {
        write!(hashes, "'sha256-{}' ", STANDARD.encode(Sha256::digest(&shown[script]))).ok()?;
    }
    Some((policy.replace(&format!("'nonce-{nonce}' "), &hashes), shown))
}

/// The end of the tag whose attributes go on in `rest`. A quoted value may hold a `>`.
fn end_of_tag(rest: &str) -> Option<usize> {
    let mut is_quoted = false;
    let end = rest.find(|letter| {
        is_quoted ^= letter == '"';
        letter == '>' && !is_quoted
    });
    Some(end? + 1)
}

#[cfg(test)]
mod tests {
    use super::by_hash;

    const POLICY: &str = "script-src 'self' 'nonce-abc' 'wasm-unsafe-eval'; style-src 'self'";

    #[test]
    fn each_script_is_named_by_its_hash() {
        let page = r#"<script nonce="abc" data-a="1>2">alert(1)</script><link rel="x" nonce="abc"><script src="/a.js" nonce="abc"></script>
            <script>evil()</script>"#;
        let (policy, shown) = by_hash(POLICY, page).expect("a page");
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert_eq!(policy, format!("script-src 'self' {hash} 'wasm-unsafe-eval'; style-src 'self'"));
        assert_eq!(shown, page.replace(r#" nonce="abc""#, ""));
    }

    #[test]
    fn a_page_that_cannot_be_understood_is_not_kept() {
        for page in
            [r#"<div nonce="abc">"#, r#"<script nonce="abc">never ends"#, "<p>abc</p>", r#" nonce="abc""#]
        {
            assert_eq!(by_hash(POLICY, page), None, "{page}");
        }
        assert_eq!(by_hash("script-src 'self'", "<p></p>"), None);
    }
}
