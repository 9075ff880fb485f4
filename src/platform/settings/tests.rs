use super::*;

const ADDR: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const LIVE: [(&str, &str); 6] = [
    ("MPESA_CONSUMER_KEY", "key"),
    ("MPESA_CONSUMER_SECRET", "secret"),
    ("MPESA_PASSKEY", "passkey"),
    ("MPESA_ENVIRONMENT", "sandbox"),
    ("MPESA_CALLBACK_BASE", "https://ligisoo.example"),
    ("MPESA_SHORTCODE", "174379"),
];

fn load(values: &[(&str, &str)]) -> Result<Settings, String> {
    let source =
        SettingsSource::of(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Settings::load(&source, ADDR).map_err(|error| format!("{error:#}"))
}

fn live_but(change: &[(&str, &str)], without: &[&str]) -> Result<Settings, String> {
    let kept = LIVE.iter().filter(|(name, _)| !without.contains(name));
    let site = [("SITE_URL", "https://ligisoo.example"), ("SECRET_KEY", KEY)];
    load(&kept.chain(&site).chain(change).copied().collect::<Vec<_>>())
}

#[test]
fn nothing_set_is_play_money_on_this_machine() {
    let settings = load(&[]).expect("defaults are valid");
    assert!(matches!(settings.money, Money::Simulated(_)));
    assert_eq!(settings.origin(), "http://127.0.0.1:3000");
}

#[test]
fn all_set_is_live() {
    let settings = live_but(&[], &[]).expect("complete");
    assert!(
        matches!(settings.money, Money::Live(ref live) if matches!(live.account, MpesaAccount::PayBill { .. }))
    );
    let till =
        live_but(&[("MPESA_STORE_NUMBER", "600111"), ("MPESA_TILL_NUMBER", "500222")], &["MPESA_SHORTCODE"])
            .expect("complete");
    assert!(matches!(till.money, Money::Live(ref live) if matches!(live.account, MpesaAccount::Till { .. })));
}

#[test]
fn half_set_refuses_and_names_what_is_missing() {
    for (name, _) in LIVE {
        let error = live_but(&[], &[name]).expect_err("must not start");
        assert!(error.contains(name), "{name}: {error}");
    }
    let error =
        live_but(&[("MPESA_TILL_NUMBER", "500222")], &["MPESA_SHORTCODE"]).expect_err("must not start");
    assert!(error.contains("MPESA_STORE_NUMBER"), "{error}");
    let error = live_but(&[("MPESA_TILL_NUMBER", "500222"), ("MPESA_STORE_NUMBER", "600111")], &[])
        .expect_err("must not start");
    assert!(error.contains("either"), "{error}");
}

#[test]
fn play_money_in_public_must_be_asked_for() {
    let error = load(&[("SITE_URL", "https://ligisoo.example")]).expect_err("must not start");
    assert!(error.contains("SIMULATION_PUBLIC") && error.contains("MPESA_CONSUMER_KEY"), "{error}");
    assert!(load(&[("SITE_URL", "https://ligisoo.example"), ("SIMULATION_PUBLIC", "true")]).is_ok());
}

#[test]
fn demo_people_and_real_money_exclude_each_other() {
    let error = live_but(&[("SEED_DEMO", "true")], &[]).expect_err("must not start");
    assert!(error.contains("SEED_DEMO"), "{error}");
}

#[test]
fn real_money_needs_a_secret_key() {
    let site = [("SITE_URL", "https://ligisoo.example")];
    let error = load(&LIVE.iter().chain(&site).copied().collect::<Vec<_>>()).expect_err("must not start");
    assert!(error.contains("SECRET_KEY"), "{error}");
}

#[test]
fn the_key_of_play_money_lies_beside_the_database() {
    let file =
        |url| load(&[("DATABASE_URL", url), ("UPLOADS_DIR", "/srv/uploads")]).expect("settings").key_file();
    assert_eq!(file("sqlite:data/ligisoo.db"), PathBuf::from("data/secret.key"));
    assert_eq!(file("sqlite:///var/lib/ligisoo.db?mode=rwc"), PathBuf::from("/var/lib/secret.key"));
    assert_eq!(file("postgres://ligisoo@db/ligisoo"), PathBuf::from("/srv/secret.key"));
}

#[test]
fn a_bucket_is_named_whole_or_not_at_all() {
    let whole = [
        ("UPLOADS_S3_BUCKET", "slips"),
        ("UPLOADS_S3_ACCESS_KEY", "key"),
        ("UPLOADS_S3_SECRET_KEY", "secret"),
    ];
    assert_eq!(
        load(&whole).expect("complete").uploads_s3.map(|bucket| bucket.bucket),
        Some("slips".to_owned())
    );
    let error = load(&whole[..2]).expect_err("must not start");
    assert!(error.contains("UPLOADS_S3_SECRET_KEY"), "{error}");
}

#[test]
fn a_gateway_is_named_whole_or_not_at_all() {
    let form =
        |values: &[(&str, &str)]| load(values).map(|settings| settings.sms.map(|sms| (sms.form, sms.url)));
    let (url, token) = (("SMS_GATEWAY_URL", "https://sms.example/"), ("SMS_GATEWAY_TOKEN", "secret"));
    let (africas, username) = (("SMS_GATEWAY_FORM", "africastalking"), ("SMS_GATEWAY_USERNAME", "ligisoo"));
    assert_eq!(form(&[]), Ok(None));
    assert!(matches!(form(&[url, token]), Ok(Some((GatewayForm::Json, _)))));
    let (found, address) = form(&[africas, username, token]).expect("whole").expect("a gateway");
    assert_eq!(found, GatewayForm::AfricasTalking { username: "ligisoo".to_owned() });
    assert_eq!(address.as_str(), "https://api.africastalking.com/version1/messaging");
    let (_, address) = form(&[africas, username, token, url]).expect("whole").expect("a gateway");
    assert_eq!(address.as_str(), url.1);
    for (half, missing) in [
        (vec![url], "SMS_GATEWAY_TOKEN"),
        (vec![token], "SMS_GATEWAY_URL"),
        (vec![africas, token], "SMS_GATEWAY_USERNAME"),
        (vec![africas, username], "SMS_GATEWAY_TOKEN"),
        (vec![username, url, token], "africastalking"),
        (vec![("SMS_GATEWAY_FORM", "json")], "SMS_GATEWAY_URL"),
        (vec![("SMS_GATEWAY_FORM", "xml"), url, token], "SMS_GATEWAY_FORM"),
        (vec![("SMS_GATEWAY_URL", "http://sms.example/"), token], "https"),
    ] {
        let error = form(&half).expect_err("must not start");
        assert!(error.contains(missing), "{missing}: {error}");
    }
}

#[test]
fn wrong_values_are_named() {
    for (name, value) in [
        ("PRICE_MIN", "ten"),
        ("TIPSTER_SHARE_BPS", "10001"),
        ("SEED_DEMO", "maybe"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, x"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://x"),
        ("SITE_URL", "ftp://x"),
        ("SECRET_KEY", "abc"),
    ] {
        let error = load(&[(name, value)]).expect_err("must not start");
        assert!(error.contains(name), "{name}: {error}");
    }
}
