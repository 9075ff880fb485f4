//! How commands show what they found.

use serde::Serialize;

/// JSON for programs; for people the same, a line a field.
pub fn print<T: Serialize>(value: &T, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(value)?);
        return Ok(());
    }
    match serde_json::to_value(value)? {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    serde_json::Value::String(text) => println!("{name}: {text}"),
                    other => println!("{name}: {other}"),
                }
            }
        }
        other => println!("{other}"),
    }
    Ok(())
}
