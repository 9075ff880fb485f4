//! The world's rules without HTTP: money moves once, prompts end once, and what was saved can be loaded
//! again.

use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

const PHONE: &str = "254708374149";
const LIFE: Duration = Duration::from_mins(1);

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 10, 2, 9, 0, 0).single().expect("a date")
}

fn new_prompt(phone_number: &str, shillings: i64) -> NewPrompt {
    let (phone_number, account_reference) = (phone_number.to_owned(), "LG7K2M9QX4TB".to_owned());
    NewPrompt { phone_number, shillings, account_reference, callback_url: "http://127.0.0.1/".to_owned() }
}

fn ring(world: &mut World, phone_number: &str, shillings: i64, random: &Random) -> String {
    world.push(new_prompt(phone_number, shillings), noon(), random).expect("not locked").checkout_request_id
}

#[test]
fn a_prompt_ends_once() {
    let (mut world, random) = (World::new(Saved::default(), LIFE), Random::seeded(1));
    let id = ring(&mut world, PHONE, 50, &random);
    assert!(matches!(world.push(new_prompt(PHONE, 50), noon(), &random), Err(SubscriberLocked)));
    assert!(matches!(world.answer(&id, OwnerAnswer::Pay, noon(), &random), Ok(Some(_))));
    assert!(matches!(
        world.answer(&id, OwnerAnswer::Pay, noon(), &random),
        Err(CannotAnswer::AlreadyAnswered)
    ));
    assert!(matches!(
        world.answer("ws_CO_1", OwnerAnswer::Pay, noon(), &random),
        Err(CannotAnswer::NoSuchPrompt)
    ));
    assert!(world.expire(noon() + delta(LIFE), &random).is_empty());
    assert_eq!(world.phone(PHONE, noon()).balance(), Kes::from_cents(995_000));
}

#[test]
fn a_life_is_over_to_the_second() {
    let (mut world, random) = (World::new(Saved::default(), LIFE), Random::seeded(1));
    let id = ring(&mut world, PHONE, 50, &random);
    assert!(world.expire(noon() + delta(LIFE) - TimeDelta::milliseconds(1), &random).is_empty());
    assert!(matches!(
        world.answer(&id, OwnerAnswer::Pay, noon() + delta(LIFE), &random),
        Err(CannotAnswer::AlreadyAnswered)
    ));
    let over = world.expire(noon() + delta(LIFE), &random);
    assert_eq!(over.iter().map(|delivery| delivery.outcome.code.as_str()).collect::<Vec<_>>(), ["1037"]);
}

#[test]
fn old_outcomes_are_forgotten_and_money_is_not() {
    let (mut world, random) = (World::new(Saved::default(), LIFE), Random::seeded(1));
    let first = ring(&mut world, PHONE, 1, &random);
    assert!(world.answer(&first, OwnerAnswer::Pay, noon(), &random).is_ok());
    for number in 0..ENDED_MAX {
        let id = ring(&mut world, &format!("2547{number:08}"), 1, &random);
        assert!(world.answer(&id, OwnerAnswer::Cancel, noon(), &random).is_ok());
    }
    assert!(matches!(world.query(&first), QueryResult::Nothing));
    assert_eq!((world.prompts.len(), world.receipts.len(), world.received().len()), (ENDED_MAX, 1, 1));
    assert_eq!(world.phone(PHONE, noon()).balance(), Kes::from_cents(999_900));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever people do, each success debits its amount once, receipts are unique, and saving and loading
    /// changes nothing.
    #[test]
    fn money_is_kept(steps in proptest::collection::vec((0_u8..3, 0_u8..6, 1_i64..4_000), 1..60)) {
        let (mut world, random) = (World::new(Saved::default(), LIFE), Random::seeded(3));
        let (mut now, mut paid, mut receipts) = (noon(), [0_i64; 3], HashSet::new());
        for (person, step, shillings) in steps {
            let phone_number = format!("25470000000{person}");
            let id = world.open.get(&phone_number).cloned();
            let answer = [OwnerAnswer::Pay, OwnerAnswer::WrongPin, OwnerAnswer::NoMoney, OwnerAnswer::Cancel, OwnerAnswer::Ignore].get(usize::from(step));
            let ended = match (id, answer) {
                (Some(id), Some(answer)) => world.answer(&id, *answer, now, &random).ok().flatten().into_iter().collect(),
                (Some(_), None) => {
                    now += delta(LIFE);
                    world.expire(now, &random)
                }
                (None, _) => {
                    prop_assert!(world.push(new_prompt(&phone_number, shillings), now, &random).is_ok());
                    Vec::new()
                }
            };
            for delivery in ended {
                if let Some(receipt) = delivery.outcome.receipt {
                    paid[usize::from(person)] += delivery.prompt.shillings * 100;
                    prop_assert!(receipts.insert(receipt));
                }
            }
            world = World::new(serde_json::from_str(&serde_json::to_string(&world.to_saved()).expect("saved")).expect("loaded"), LIFE);
        }
        for (person, cents) in paid.into_iter().enumerate() {
            let balance = world.phone(&format!("25470000000{person}"), now).balance();
            prop_assert_eq!(balance, Kes::from_cents(1_000_000 - cents));
            prop_assert!(balance >= Kes::ZERO);
        }
    }
}
