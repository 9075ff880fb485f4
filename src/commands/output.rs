//! How commands show what they found.

use serde::Serialize;

/// Prints what a command found: JSON for programs, or one line for each field for people.
///
/// # Errors
/// An error if the value cannot be written as JSON.
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
