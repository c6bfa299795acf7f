//! What Terraform itself answered: `tests/records/terraform`.

use serde_json::{Value as Json, json};

use super::super::module::Module;
use super::super::term::Term;
use crate::model::FileId;
use crate::read::hcl;
use crate::text::UNKNOWN;

const CASES: [(&str, &str); 3] = [
    ("strings.tf", include_str!("../../../../../tests/records/terraform/strings.tf")),
    ("encode.tf", include_str!("../../../../../tests/records/terraform/encode.tf")),
    ("functions.tf", include_str!("../../../../../tests/records/terraform/functions.tf")),
];
const ANSWERS: &str = include_str!("../../../../../tests/records/terraform/answers.json");

/// What is not evaluated.
const NOT_EVALUATED: [&str; 8] =
    ["by_cases", "by_pattern", "encoded", "exponent", "padded", "path", "quoted", "split"];

/// The answer of a term, with [`UNKNOWN`] for what is not known.
fn answer(term: &Term) -> Json {
    match term {
        Term::Null => Json::Null,
        Term::Bool(value) => json!(value),
        Term::Number(located) => serde_json::from_str(located.raw()).unwrap(),
        Term::Text(located) => json!(located.raw()),
        Term::List(list) => list.items.iter().map(|item| answer(&item.term)).collect(),
        Term::Object(object) => {
            let members = object.sorted().into_iter();
            members.map(|(key, item)| (key.raw().to_owned(), answer(&item.term))).collect()
        }
        Term::Unknown | Term::Resource(_) => json!(UNKNOWN.to_string()),
    }
}

#[test]
fn terraform_says_the_same() {
    let answers: Json = serde_json::from_str(ANSWERS).unwrap();
    let mut not_evaluated = Vec::new();
    for (name, text) in CASES {
        let files = [(FileId(0), hcl::read(text))];
        assert!(files[0].1.errors.is_empty(), "{name}: {:?}", files[0].1.errors);
        let module = Module::new(&files);
        for (local, expected) in answers[name].as_object().unwrap() {
            let ours = answer(&module.local(local));
            if ours == json!(UNKNOWN.to_string()) {
                not_evaluated.push(local.as_str());
            } else if let (Some(ours), Some(theirs)) = (ours.as_str(), expected.as_str()) {
                let parts: Vec<&str> = ours.split(UNKNOWN).collect();
                let fits = match &parts[..] {
                    [whole] => theirs == *whole,
                    [first, .., last] => theirs.starts_with(first) && theirs.ends_with(last),
                    [] => false,
                };
                assert!(fits, "{name}: {local}: {ours:?}, not {theirs:?}");
            } else {
                assert_eq!(&ours, expected, "{name}: {local}");
            }
        }
    }
    not_evaluated.sort_unstable();
    assert_eq!(not_evaluated, NOT_EVALUATED);
}
