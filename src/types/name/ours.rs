//! Names that nobody else may have: our own, those of companies with which people pay and bet, and titles
//! that only our people have.

use std::sync::LazyLock;

use super::look::{is_one_off, skeleton, sound, words};

/// Invented names. No word of a name may contain one, however it is spelt, also not in pieces ("M Pesa").
const COINED: [&str; 16] = [
    "ligisoo",
    "mpesa",
    "safaricom",
    "airtel",
    "tkash",
    "equitel",
    "betika",
    "sportpesa",
    "mozzart",
    "odibets",
    "betpawa",
    "dafabet",
    "helabet",
    "chezacash",
    "ilotbet",
    "1xbet",
];
/// Names that are part of ordinary words, or that ordinary words make in pieces ("Bet Safe"). They are
/// refused only as a word of their own. The last one is the regulator.
const WORDS: [&str; 12] = [
    "daraja",
    "betin",
    "betway",
    "betsafe",
    "betlion",
    "betwinner",
    "elitebet",
    "premierbet",
    "melbet",
    "bangbet",
    "kwikbet",
    "bclb",
];
/// Titles that only our people or those of the regulator have. No word of a name may end with one or be made
/// of pieces of it.
const OFFICES: [&str; 24] = [
    "support",
    "admin",
    "administrator",
    "official",
    "verified",
    "helpdesk",
    "helpline",
    "callcentre",
    "callcenter",
    "customercare",
    "customerservice",
    "moderator",
    "operator",
    "staff",
    "paybill",
    "bettingcontrol",
    "gamblingregulatory",
    "msimamizi",
    "wasimamizi",
    "hudumakwawateja",
    "huduma",
    "msaada",
    "rasmi",
    "thibitishwa",
];
/// One of `WHOM` and one of `WHAT` together, in any order, make an office: "Care of Customers".
const WHOM: [&str; 5] = ["customer", "client", "user", "mteja", "wateja"];
const WHAT: [&str; 11] =
    ["care", "service", "help", "desk", "line", "centre", "center", "relation", "kituo", "dawati", "simu"];
/// Names of companies whose people nobody may claim to be.
const OURS: [&str; 3] = ["ligisoo", "mpesa", "safaricom"];
/// Words that only we can say of somebody.
const STANDINGS: [&str; 6] =
    ["official", "verified", "certified", "rasmi", "imethibitishwa", "nimethibitishwa"];
/// What somebody may claim to be to us.
const TIES: [&str; 10] = [
    "partner",
    "agent",
    "ambassador",
    "staff",
    "admin",
    "administrator",
    "moderator",
    "employee",
    "wakala",
    "balozi",
];
/// Signs that look like our badge.
const BADGES: [char; 9] = ['✅', '✔', '✓', '☑', '🗸', '🗹', '🛡', '🔰', '🎖'];
/// Neighbouring words are read as one word only up to this many characters.
const LONGEST: usize = 20;
/// A reserved name shorter than this must be matched exactly, because honest words are one letter away from
/// it.
const LONG: usize = 7;

static LISTS: LazyLock<NameLists> = LazyLock::new(NameLists::new);

struct NameLists {
    coined: Vec<Look>,
    words: Vec<Look>,
    offices: Vec<Look>,
    whom: Vec<Look>,
    what: Vec<Look>,
    ours: Vec<Look>,
    standings: Vec<Look>,
    ties: Vec<Look>,
}

impl NameLists {
    fn new() -> Self {
        let looks = |list: &[&str]| list.iter().map(|word| Look::of(word)).collect();
        Self {
            coined: looks(&COINED),
            words: looks(&WORDS),
            offices: looks(&OFFICES),
            whom: looks(&WHOM),
            what: looks(&WHAT),
            ours: looks(&OURS),
            standings: looks(&STANDINGS),
            ties: looks(&TIES),
        }
    }
}

/// How a word is read by people who see it and by people who hear it.
struct Look {
    seen: String,
    heard: String,
    is_long: bool,
}

impl Look {
    fn of(word: &str) -> Self {
        let seen = skeleton(word);
        Self { heard: sound(&seen), seen, is_long: word.chars().count() >= LONG }
    }

    fn is(&self, other: &Self) -> bool {
        self.seen == other.seen || self.heard == other.heard
    }

    /// The same, or nearly the same and too long for that to be chance.
    fn is_like(&self, reserved: &Self) -> bool {
        self.is(reserved) || (reserved.is_long && is_one_off(&self.seen, &reserved.seen))
    }

    fn is_one_of(&self, list: &[Self]) -> bool {
        list.iter().any(|one| self.is(one))
    }
}

/// Whether a name could be taken for one that nobody may have.
pub fn is_reserved(name: &str) -> bool {
    let words = words(name);
    let looks: Vec<Look> = words.iter().flat_map(|word| readings(word)).collect();
    let has = |list: &[Look]| looks.iter().any(|word| word.is_one_of(list));
    looks.iter().any(is_reserved_word)
        || pieces(&words).any(|whole| whole.is_one_of(&LISTS.coined) || whole.is_one_of(&LISTS.offices))
        || (has(&LISTS.whom) && has(&LISTS.what))
}

/// Whether one sentence of a text claims that its writer belongs to us or is verified by us.
pub fn is_claim(text: &str) -> bool {
    text.split(['.', '!', '?', '\n']).any(|sentence| {
        let words = words(sentence);
        let looks: Vec<Look> = words.iter().flat_map(|word| readings(word)).collect();
        let has = |list: &[Look]| looks.iter().any(|word| word.is_one_of(list));
        let is_ours = has(&LISTS.ours) || pieces(&words).any(|whole| whole.is_one_of(&LISTS.ours));
        let has_standing = has(&LISTS.standings);
        if sentence.contains(BADGES) {
            has_standing || is_ours
        } else {
            is_ours && (has_standing || has(&LISTS.ties))
        }
    })
}

/// A word as it stands, without a number at its end, and without the plural `s`.
fn readings(word: &str) -> impl Iterator<Item = Look> {
    let bare = word.trim_end_matches(char::is_numeric);
    let one = bare.trim_end_matches(['s', 'S']);
    [Some(word), Some(bare).filter(|bare| *bare != word), Some(one).filter(|one| *one != bare)]
        .into_iter()
        .flatten()
        .map(Look::of)
}

fn is_reserved_word(word: &Look) -> bool {
    LISTS.coined.iter().any(|name| word.seen.contains(&name.seen) || word.is_like(name))
        || LISTS.words.iter().any(|name| word.seen == name.seen)
        || LISTS.offices.iter().any(|office| word.seen.ends_with(&office.seen) || word.is_like(office))
}

/// The words that neighbouring words make when they are read as one.
fn pieces(words: &[String]) -> impl Iterator<Item = Look> {
    (0..words.len()).flat_map(move |first| {
        let mut whole = words[first].clone();
        words[first + 1..].iter().map_while(move |word| {
            whole.push_str(word);
            (whole.chars().count() <= LONGEST).then(|| Look::of(&whole))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::name::person_name;

    /// Names of people from all over Kenya, and what tipsters call themselves.
    const FREE: &str =
        "Asha Odhiambo, Kip Cheruiyot, Wanjiru Kamau, Otieno Ochieng, Achieng Atieno, Njoroge \
            Maina, Mutua Kilonzo, Baraka Mwangi,
        Halima Abdi, Mohamed Hassan, Mustaf Farah, Abdirahman Sheikh, Fatuma Omar, Juma Mapesa, Opesa Oduor, \
            Ali Gisore, Nyaboke Moraa,
        Kemunto Ongeri, Bosire Nyakundi, Wekesa Simiyu, Nekesa Barasa, Wafula Wanyonyi, Mudavadi Luseno, \
            Shikuku Amukowa, Chebet Koech,
        Jepkosgei Rotich, Kiplagat Ruto, Cherono Lagat, Lekuton Lesuuda, Ole Sankok, Nkaissery Tobiko, Ekal \
            Lokiru, Akiru Ekai, Ndunge Musyoka,
        Mwende Nzioka, Kioko Mbithi, Mumbua Kyalo, Muthoni Gitonga, Kaimenyi Mwiti, Gacheri Kinoti, Mwakio \
            Mghanga, Mwadime Wakesho,
        Kadzo Katana, Kazungu Kahindi, Salim Bakari, Zuhura Shee, Guyo Halake, Boru Jattani, Galgalo Wario, \
            Hodan Noor, Sam Pesa, Kim Pesa,
        Ng'ang'a Mbugua, Thuo Kariuki, Njeri wa Mumbi, Adipo Ogolla, Jaramogi Nyong'o, Akoth Awuor, Omondi \
            K'Ogalo, Daniel Joel, Clement Deo,
        Cleo Wangui, Patel Shah, Ravi Kaur, Sure Odds 254, King of BTTS, Kip 254, Kip 255, Mkeka wa Leo, \
            Jamaa wa Mkeka, Mzee wa Odds,
        Simba wa Yuda, Pesa Tips, Pesa Moto, Ligi Kuu, Ligi Soko, Supporter wa Gor, Badminton King, Lipa \
            Baadaye, Mfalme wa Ligi, Betting Line,
        Betting King, Bet Safe, Bestwinner Tips, Best Winner, Shabiki Sugu, Gor Mahia Damu, Ingwe 4 Life, \
            K'Ogalo 001, 2 Odds Daily, Draw Master,
        Over 25 Goals, Bankers Only, Elite Tips, Premier League Pro, Customer King, Careful Punter, Mchezaji \
            Bora, Daktari wa Soka, Mwalimu wa Tips,
        Baba Wanjiru, Mama Mboga, Kocha Mkuu, Stafford Kimani, Daraka Odongo, Sport Pasha, Deskmate Otis, \
            Admiral Kip, Client Eastwood";

    #[test]
    fn names_of_people_and_tipsters_are_free() {
        let free: Vec<&str> = FREE.split(',').map(str::trim).collect();
        assert!(free.len() > 100);
        for name in free {
            assert_eq!(
                person_name(name)
                    .map_err(|reason| format!("{name}: {}", reason.as_str(crate::types::Language::English))),
                Ok(name.to_owned())
            );
        }
    }

    #[test]
    fn names_of_ours_and_of_companies_are_not() {
        for name in [
            "Ligisoo",
            "LIGISOO ADMIN",
            "L1gis00",
            "Ligi5oo",
            "Liqisoo",
            "Li6isoo",
            "Ligiso",
            "Lligisoo",
            "Ligisooo",
            "Ligi Soo",
            "L i g i s o o",
            "MyLigisoo",
            "Ligizoo",
            "Logisoo",
            "M-Pesa",
            "MPe5a",
            "M P3sa",
            "Mpessa",
            "M.Pesa Kenya",
            "MpesaAgent",
            "Lipa na M-Pesa",
            "RNpesa",
            "Safaricom",
            "Saf4ricom",
            "Safarikom",
            "Safaricorn",
            "Safaricon",
            "Safari com",
            "Safar1com Help",
            "Daraja",
            "Airtel Money",
            "Airte1",
            "Air Tel",
            "T-Kash",
            "Betika",
            "Betlka",
            "Bet1ka",
            "Betica",
            "Betika Tips",
            "SportPesa",
            "Sport Pesa",
            "5portPe5a",
            "Odi Bets",
            "Mozart",
            "Betin",
            "Betway Kenya",
            "1xBet",
            "BCLB",
            "Betting Control Board",
            "Gambling Regulatory Authority",
        ] {
            assert!(is_reserved(name), "{name}");
        }
    }

    #[test]
    fn offices_are_not() {
        for name in [
            "Support",
            "5upport",
            "Supports",
            "S u p p o r t",
            "Admin 2",
            "TheAdmin",
            "Admins",
            "Adm1n",
            "Moderators",
            "Officia1",
            "Official Tips",
            "Kip Official",
            "Oficial",
            "Ver1fied Kip",
            "Customer Care",
            "Customer Service Kenya",
            "Customer Care Line",
            "Care of Customers",
            "Customers' Desk",
            "Client Services",
            "Help Desk",
            "Helpline",
            "Msaada",
            "Huduma",
            "Huduma kwa Wateja",
            "Kituo cha Wateja",
            "Imethibitishwa",
            "Msimamizi",
            "Mr Staff Kamau",
            "Paybill 254",
        ] {
            assert!(is_reserved(name), "{name}");
        }
    }

    #[test]
    fn a_text_claims_nothing_that_only_we_can_say() {
        for claim in [
            "Official Ligisoo partner ✅",
            "I won 5 slips. Verified tipster ✔",
            "🛡 Ligis00",
            "Verified by Ligisoo",
            "Wakala wa M-Pesa rasmi",
            "Safaricom staff",
            "Ligisoo's official tipster",
            "✅ Imethibitishwa",
            "KPL\nOfficia1 tips ☑\u{fe0f}",
        ] {
            assert!(is_claim(claim), "{claim}");
        }
        for text in [
            "",
            "KPL every week.",
            "Won ✅ Won ✅ Lost ❌",
            "I sell on Ligisoo since 2026.",
            "Official Gor Mahia supporter",
            "Pay with M-Pesa, win with me",
            "✅✅✅ this week! Support your local team.",
            "My agent says: 3 odds daily",
            "Ligisoo is where I sell. The official line-ups decide.",
        ] {
            assert!(!is_claim(text), "{text}");
        }
    }
}
