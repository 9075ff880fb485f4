//! Reads our documents: their sections, and what stands in each.

/// Fewer words before a full stop are no sentence.
const SENTENCE_LEAST: usize = 3;

/// What stands below a heading, up to the next one. Blocks of code are left out.
pub struct Section<'a> {
    /// The section's number, without its sign; empty if the heading has none.
    pub number: &'a str,
    pub lines: Vec<&'a str>,
}

/// The sections of a document, in their order.
pub fn sections(document: &str) -> Vec<Section<'_>> {
    let (mut sections, mut is_code) = (Vec::new(), false);
    for line in document.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            continue;
        }
        if line.starts_with('#') {
            let number = line.split_whitespace().find_map(|word| word.strip_prefix('§'));
            sections.push(Section { number: number.unwrap_or_default(), lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    sections
}

impl Section<'_> {
    /// How many sentences it has outside of tables.
    pub fn sentences(&self) -> usize {
        let prose = self.lines.iter().filter(|line| !line.starts_with('|'));
        let (mut sentences, mut words) = (0, 0);
        for word in prose.flat_map(|line| line.split_whitespace()) {
            words += 1;
            if word.ends_with(['.', '!', '?']) {
                sentences += usize::from(words >= SENTENCE_LEAST);
                words = 0;
            }
        }
        sentences
    }
}

#[test]
fn headings_have_numbers() {
    let document = "# Money\n\n## §1 A payment\n\nAs §7 says.\n\n### §3.1 Its body\n";
    let numbers: Vec<&str> = sections(document).iter().map(|section| section.number).collect();
    assert_eq!(numbers, ["", "1", "3.1"]);
}

#[test]
fn tables_code_and_crumbs_are_no_sentences() {
    for (body, wanted) in [
        ("It is sent once. Nobody\nsends it again.", 2),
        ("It is sent at 3.1 seconds.", 1),
        ("Once. Never. Not at all.", 1),
        ("| It is sent once. | Nobody sends it again. |", 0),
        ("```\n# It is sent once. Nobody sends it again.\n```", 0),
        ("", 0),
    ] {
        let document = format!("## §1 A payment\n\n{body}\n");
        let found: Vec<usize> = sections(&document).iter().map(Section::sentences).collect();
        assert_eq!(found, [wanted], "{body}");
    }
}
