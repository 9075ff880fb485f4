//! Parsers under fire: every shape of docs/daraja.md, cut, changed, spliced, nested and blown up. Nothing may
//! panic, and nothing that comes out may be longer than its limit.
//!
//! 20,000 inputs per parser; `PARSER_INPUTS=1000000` fires a million. A failing run prints its seed;
//! `PARSER_SEED=…` fires that seed's inputs alone.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::daraja::c2b::CONFIRMATION_MAX_BYTES;
use crate::daraja::response::{ANSWER_MAX_BYTES, HttpAnswer, Reading};
use crate::daraja::statement::format::{NoStatement, STATEMENT_MAX_BYTES};
use crate::daraja::token::read_token;
use crate::daraja::{
    CALLBACK_MAX_BYTES, Unreadable, parse_c2b_confirmation, parse_callback, parse_statement,
};
use crate::platform::random::Random;
use crate::types::Kes;

mod corpus;

const INPUTS: u32 = 20_000;
/// Inputs that come of one seed: making one is cheaper than asking proptest for it.
const INPUTS_PER_SEED: u32 = 50;
const CHANGES_MAX: u64 = 6;
/// Inputs grow no longer than this by splicing.
const LENGTH_MAX: usize = 8_192;
/// Bytes and words that parsers stumble over.
const DICTIONARY: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-0",
    "-1",
    "1e999",
    "-1e-999",
    "0.0000000000000000000000000001",
    "1e28",
    "1e-28",
    "99999999999999999999999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "92233720368547758.07",
    "79228162514264337593543950335",
    "1,250.00",
    "1.250,00",
    "\\u0000",
    "\\ud800",
    "\u{feff}",
    "\0",
    "\u{1e}",
    "\r",
    "\n",
    "\r\n",
    "\"",
    "\"\"\"",
    "\\",
    ",",
    ";",
    "\t",
    "{",
    "}",
    "[",
    "]",
    ":",
    "NaN",
    "Infinity",
    "é",
    "𝟙",
    "٣",
    "ＫＥＳ",
    "KES",
    "Acc. ",
    "İ Acc. ",
    " ACC. ",
    "\"Value\":",
    "\"Name\":\"Amount\",",
    "\"ResultCode\":0,",
    "\"errorCode\":\"404.001.03\",",
    "\"fault\":{},",
    "Receipt No.,Paid In\n",
    "UJ22T8IYOU",
];

/// How many inputs each parser gets.
fn inputs() -> u32 {
    std::env::var("PARSER_INPUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(INPUTS)
}

/// Fires at one parser.
fn fire(corpus: &[&str], parse: impl Fn(&[u8])) {
    let burst = |seed: u64| {
        let random = Random::seeded(seed);
        for _ in 0..INPUTS_PER_SEED {
            parse(&mutated(corpus, &random));
        }
    };
    if let Some(seed) = std::env::var("PARSER_SEED").ok().and_then(|text| text.parse().ok()) {
        return burst(seed);
    }
    // A smaller seed is no simpler input, so there is nothing to shrink.
    let cases = inputs().div_ceil(INPUTS_PER_SEED);
    let config =
        ProptestConfig { cases, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&any::<u64>(), |seed| {
        burst(seed);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("PARSER_SEED: {failure}");
    }
}

/// A number in the range of `0..bound`, also for an empty range.
fn below(random: &Random, bound: usize) -> usize {
    usize::try_from(random.below(bound.max(1) as u64)).unwrap_or(0)
}

fn pick<'a>(corpus: &[&'a str], random: &Random) -> &'a str {
    corpus[below(random, corpus.len())]
}

fn mutated(corpus: &[&str], random: &Random) -> Vec<u8> {
    let mut input = pick(corpus, random).as_bytes().to_vec();
    for _ in 0..random.below(CHANGES_MAX) {
        change(&mut input, corpus, random);
        input.truncate(LENGTH_MAX);
    }
    input
}

fn change(input: &mut Vec<u8>, corpus: &[&str], random: &Random) {
    let (at, byte) = (below(random, input.len()), u8::try_from(random.below(256)).unwrap_or(0));
    let end = at + below(random, input.len().saturating_sub(at) + 1);
    let word = pick(DICTIONARY, random).as_bytes();
    match random.below(11) {
        0 if !input.is_empty() => input[at] = byte,
        1 if !input.is_empty() => input[at] ^= 1 << random.below(8),
        2 => input.truncate(at),
        3 => drop(input.drain(at..end)),
        4 => drop(input.splice(at..at, word.iter().copied())),
        5 => drop(input.splice(at..end.min(at + 8), word.iter().copied())),
        6 => {
            // The head of one shape and the tail of another.
            let other = pick(corpus, random).as_bytes();
            input.truncate(at);
            input.extend_from_slice(&other[below(random, other.len())..]);
        }
        7 => {
            let copy = input[at..end].to_vec();
            input.splice(at..at, copy);
        }
        8 => nest(input, at, random),
        9 => blow_up_number(input, at, random),
        _ => input.splice(at..at, std::iter::repeat_n(byte, below(random, 300))).for_each(drop),
    }
}

/// Wraps a place or everything in brackets, closed or not.
fn nest(input: &mut Vec<u8>, at: usize, random: &Random) {
    let (depth, at) = (below(random, 400), if random.below(2) == 0 { 0 } else { at });
    let (open, close) = if random.below(2) == 0 { ("[", "]") } else { ("{\"Body\":", "}") };
    let is_closed = random.below(2) == 0;
    input.splice(at..at, open.repeat(depth).into_bytes());
    if is_closed {
        input.extend(close.repeat(depth).into_bytes());
    }
}

/// Replaces the digits that follow by many.
fn blow_up_number(input: &mut Vec<u8>, at: usize, random: &Random) {
    let start = input.iter().skip(at).position(u8::is_ascii_digit).map_or(at, |found| at + found);
    let end = input
        .iter()
        .skip(start)
        .position(|byte| !byte.is_ascii_digit())
        .map_or(input.len(), |found| start + found);
    let digit = b'0' + u8::try_from(random.below(10)).unwrap_or(0);
    input.splice(start..end, std::iter::repeat_n(digit, below(random, 60)));
}

fn answer(body: &[u8], status: u16) -> HttpAnswer {
    HttpAnswer { status, retry_after: None, body: body.to_vec() }
}

/// Safaricom's words never come through longer than this, in bytes.
const WORDS_MAX_BYTES: usize = 4 * 400;

fn is_bounded<T>(reading: &Reading<T>) -> bool {
    match reading {
        Reading::Error(error) => error.to_string().len() <= WORDS_MAX_BYTES,
        Reading::Answered(_) | Reading::InvalidToken => true,
    }
}

#[test]
fn callbacks_under_fire() {
    fire(corpus::CALLBACKS, |body| {
        let Ok(callback) = parse_callback(body) else { return };
        assert!(
            callback.merchant_request_id.is_none_or(|id| id.len() <= 100)
                && callback.checkout_request_id.is_none_or(|id| id.len() <= 100)
        );
        assert!(
            callback.description.chars().count() <= 200 && !callback.description.contains(char::is_control)
        );
        assert!(callback.receipt.is_none_or(|receipt| receipt.len() == 10));
        assert!(callback.result.is_none_or(|code| code.as_str().len() <= 24));
    });
}

#[test]
fn query_answers_under_fire() {
    fire(corpus::ANSWERS, |body| {
        let reading = answer(body, 200).read_query("ws_CO_DMZ_123");
        assert!(is_bounded(&reading));
        if let Reading::Answered(said) = reading {
            assert_eq!(said.checkout_request_id, "ws_CO_DMZ_123", "about no other payment");
            assert!(said.description.chars().count() <= 200);
        }
    });
}

#[test]
fn push_answers_under_fire() {
    fire(corpus::ANSWERS, |body| {
        for status in [200, 500] {
            let reading = answer(body, status).read_push();
            assert!(is_bounded(&reading));
            if let Reading::Answered(said) = reading {
                assert!(said.merchant_request_id.len() <= 100 && said.checkout_request_id.len() <= 100);
                assert!(said.customer_message.chars().count() <= 200);
            }
        }
        assert!(is_bounded(&answer(body, 200).read_registration()));
    });
}

#[test]
fn tokens_under_fire() {
    fire(corpus::ANSWERS, |body| match read_token(&answer(body, 200), DateTime::<Utc>::UNIX_EPOCH) {
        Ok(token) => assert!(token.bearer().len() <= 4_096 + 7),
        Err(error) => assert!(error.to_string().len() <= WORDS_MAX_BYTES),
    });
}

#[test]
fn confirmations_under_fire() {
    fire(corpus::CONFIRMATIONS, |body| {
        let Ok(confirmation) = parse_c2b_confirmation(body) else { return };
        assert!(confirmation.receipt.len() == 10 && confirmation.amount > Kes::ZERO);
        assert!(
            confirmation.account_reference.chars().count() <= 40
                && confirmation.trans_time.chars().count() <= 40
        );
        assert!(!confirmation.account_reference.contains('\0') && !confirmation.trans_time.contains('\0'));
    });
}

#[test]
fn statements_under_fire() {
    fire(corpus::STATEMENTS, |bytes| {
        let Ok(statement) = parse_statement(bytes) else { return };
        let lines_in = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).count();
        assert!(statement.lines.len() + statement.bad_lines.len() <= lines_in);
        assert!(statement.bad_lines.iter().all(|bad| (1..=lines_in).contains(&bad.line)));
        for line in &statement.lines {
            assert!(line.receipt.len() == 10 && line.paid_in >= Kes::ZERO && line.withdrawn >= Kes::ZERO);
            assert!(line.account_reference.chars().count() <= 40);
            assert!(line.text.chars().count() <= 600 && line.status.chars().count() <= 60);
            assert!(
                ![&line.account_reference, &line.text, &line.status].iter().any(|text| text.contains('\0'))
            );
        }
    });
}

#[test]
fn what_is_too_long_is_refused_unread() {
    let spaces = |length: usize| vec![b' '; length + 1];
    assert!(matches!(parse_callback(&spaces(CALLBACK_MAX_BYTES)), Err(Unreadable::TooLong)));
    assert!(matches!(parse_c2b_confirmation(&spaces(CONFIRMATION_MAX_BYTES)), Err(Unreadable::TooLong)));
    assert!(matches!(parse_statement(&spaces(STATEMENT_MAX_BYTES)), Err(NoStatement::TooLong)));
    // Answers are cut off while they are read: see `an_answer_without_end_is_cut_off`.
    const { assert!(ANSWER_MAX_BYTES <= 64 * 1024) };
}

#[test]
fn every_shape_of_the_corpus_is_understood() {
    assert!(corpus::CALLBACKS.iter().filter(|body| parse_callback(body.as_bytes()).is_ok()).count() >= 10);
    assert!(corpus::CONFIRMATIONS.iter().all(|body| parse_c2b_confirmation(body.as_bytes()).is_ok()));
    assert!(
        corpus::STATEMENTS
            .iter()
            .all(|text| parse_statement(text.as_bytes()).is_ok_and(|statement| !statement.lines.is_empty()))
    );
}
