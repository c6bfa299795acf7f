use super::*;

fn v(text: &str) -> Version {
    text.parse().unwrap()
}

/// `2.1.1`, `2.9.*` or `?`.
fn airflow(reference: &str) -> String {
    match Image::read(reference).airflow() {
        AirflowInImage::Exact(version) => version.to_string(),
        AirflowInImage::Minor(major, minor) => format!("{major}.{minor}.*"),
        AirflowInImage::Unknown => "?".to_owned(),
    }
}

/// `8.10.0`, `8.19.0..8.29.0`, `8.29.0..`, `no` or `?`.
fn bundled(reference: &str, provider: &str) -> String {
    match Image::read(reference).bundled(provider) {
        Bundled::Exact { version, .. } => version.to_string(),
        Bundled::Between { at_least, at_most, .. } => {
            format!("{at_least}..{}", at_most.map_or_else(String::new, |most| most.to_string()))
        }
        Bundled::No { .. } => "no".to_owned(),
        Bundled::Unknown => "?".to_owned(),
    }
}

#[test]
fn the_data_is_well_formed() {
    for row in &FILE.rows {
        assert!(matches!(row.tag(), Tag::Old { .. } | Tag::New { .. }), "{}", row.runtime);
        assert_eq!(row.airflow.release().len(), if row.airflow_is_minor { 2 } else { 3 });
        assert!(!row.sources.is_empty(), "{}", row.runtime);
        assert!(row.sources.iter().all(|index| *index < FILE.sources.len()), "{}", row.runtime);
        if let Tag::Old { major, .. } = row.tag() {
            let minor = AirflowInImage::Minor(row.airflow.release()[0], row.airflow.release()[1]);
            assert_eq!(minor_of(major), minor, "{}", row.runtime);
        }
        for provider in row.bundles.iter().flat_map(BTreeMap::keys) {
            assert!(crate::facts::releases::package(provider).is_some(), "{provider}");
        }
    }
    assert!(FILE.rows.windows(2).all(|pair| pair[0].tag() < pair[1].tag()), "rows are in order");
    for rule in &FILE.rules {
        assert!(["X.Y-Z", "X.Y.Z", "X.Y.Z-slim", "agent"].contains(&rule.format.as_str()));
        assert_eq!(rule.bundled == "from", rule.from.is_some(), "{}", rule.source);
    }
}

#[test]
fn references_are_read_part_by_part() {
    use Family::{ApAirflow, ApacheAirflow, AstroRuntime, Other, RemoteExecutionAgent, Runtime};
    let old = |major, minor, patch| Tag::Old { major, minor, patch };
    let new = |major, minor, build| Tag::New { major, minor, build };
    #[rustfmt::skip]
    let cases = [
        // reference, family, tag, python, slim, base, digest
        ("quay.io/astronomer/astro-runtime:9.1.0", AstroRuntime, old(9, 1, 0), None, false, false, false),
        ("quay.io/astronomer/astro-runtime:9.1.0-base", AstroRuntime, old(9, 1, 0), None, false, true, false),
        ("quay.io/astronomer/astro-runtime:11.3.0-python-3.10-slim-base", AstroRuntime, old(11, 3, 0), Some((3, 10)), true, true, false),
        ("quay.io/astronomer/astro-runtime:11.3.0-slim-python-3.10", AstroRuntime, old(11, 3, 0), Some((3, 10)), true, false, false),
        ("astrocrpublic.azurecr.io/runtime:3.0-2", Runtime, new(3, 0, 2), None, false, false, false),
        ("astrocrpublic.azurecr.io/runtime:3.1-1-python-3.12-base", Runtime, new(3, 1, 1), Some((3, 12)), false, true, false),
        ("astrocrpublic.azurecr.io/runtime:3.1", Runtime, Tag::Floating { major: 3, minor: 1 }, None, false, false, false),
        ("astrocrpublic.azurecr.io/runtime:3.1-python-3.12", Runtime, Tag::Floating { major: 3, minor: 1 }, Some((3, 12)), false, false, false),
        ("images.astronomer.cloud/baseimages/astro-remote-execution-agent:3.1-1-python-3.12-astro-agent-1.1.0", RemoteExecutionAgent, new(3, 1, 1), Some((3, 12)), false, false, false),
        ("quay.io/astronomer/ap-airflow:2.0.2-buster-onbuild", ApAirflow, Tag::Airflow(v("2.0.2")), None, false, false, false),
        ("apache/airflow:2.9.1-python3.11", ApacheAirflow, Tag::Airflow(v("2.9.1")), Some((3, 11)), false, false, false),
        ("docker.io/apache/airflow:slim-2.9.1", ApacheAirflow, Tag::Airflow(v("2.9.1")), None, true, false, false),
        ("registry.example.com:5000/mirror/astro-runtime:12.1.0", AstroRuntime, old(12, 1, 0), None, false, false, false),
        ("registry.example.com:5000/astro-runtime", AstroRuntime, Tag::None, None, false, false, false),
        ("quay.io/astronomer/astro-runtime:9.1.0@sha256:0123", AstroRuntime, old(9, 1, 0), None, false, false, true),
        ("quay.io/astronomer/astro-runtime@sha256:0123", AstroRuntime, Tag::None, None, false, false, true),
        ("quay.io/astronomer/astro-runtime:${VERSION}", AstroRuntime, Tag::None, None, false, false, false),
        ("registry.example.com/data/airflow-platform:3.1-2", Other, Tag::None, None, false, false, false),
        ("registry.example.com/runtime:3.1-2", Other, Tag::None, None, false, false, false),
        ("$BASE_IMAGE", Other, Tag::None, None, false, false, false),
        ("", Other, Tag::None, None, false, false, false),
    ];
    for (reference, family, tag, python, slim, base, digest) in cases {
        let image = Image::read(reference);
        assert_eq!(image.family, family, "{reference}");
        assert_eq!(image.tag, tag, "{reference}");
        assert_eq!(image.python_suffix, python, "{reference}");
        assert_eq!((image.slim, image.base, image.digest), (slim, base, digest), "{reference}");
    }
}

#[test]
fn the_format_of_the_tag_decides_the_airflow() {
    for (reference, expected) in [
        // The trap: the same digits, two majors apart.
        ("quay.io/astronomer/astro-runtime:3.0.2", "2.1.1"),
        ("astrocrpublic.azurecr.io/runtime:3.0-2", "3.0.*"),
        ("astrocrpublic.azurecr.io/runtime:3.0", "3.0.*"),
        ("quay.io/astronomer/astro-runtime:3.0", "?"),
        ("astrocrpublic.azurecr.io/runtime:3.0.2", "2.1.1"),
        ("quay.io/astronomer/astro-runtime:3.0-2", "3.0.*"),
        ("quay.io/astronomer/astro-runtime:11.8.0", "2.9.3"),
        ("quay.io/astronomer/astro-runtime:11.8.0-slim", "2.9.3"),
        ("quay.io/astronomer/astro-runtime:11.20.0", "2.9.*"),
        ("quay.io/astronomer/astro-runtime:12.8.0", "2.10.*"),
        ("quay.io/astronomer/astro-runtime:12.1", "2.10.*"),
        ("quay.io/astronomer/astro-runtime:13.8.0", "2.11.2"),
        ("quay.io/astronomer/astro-runtime:14.0.0", "?"),
        ("quay.io/astronomer/astro-runtime:latest", "?"),
        ("quay.io/astronomer/ap-airflow:2.0.2-3-buster-onbuild", "2.0.2"),
        ("apache/airflow:3.1.2", "3.1.2"),
        ("apache/airflow:latest", "?"),
        ("registry.example.com/airflow:2.9.1", "?"),
        (
            "images.astronomer.cloud/baseimages/astro-remote-execution-agent:3.1-1-python-3.12",
            "3.1.*",
        ),
    ] {
        assert_eq!(airflow(reference), expected, "{reference}");
    }
}

#[test]
fn bundled_providers_are_documented_bounded_or_absent() {
    let astro = |tag: &str| format!("quay.io/astronomer/astro-runtime:{tag}");
    let runtime = |tag: &str| format!("astrocrpublic.azurecr.io/runtime:{tag}");
    for (reference, provider, expected) in [
        (astro("9.5.0"), "amazon", "8.10.0"),
        (astro("9.5.0"), "google", "10.11.0"),
        (astro("9.5.0-base"), "amazon", "8.10.0"),
        (astro("9.5.0"), "hashicorp", "no"),
        (astro("9.5.0"), "cncf-kubernetes", "?"),
        (astro("11.8.0-slim"), "amazon", "no"),
        (astro("3.0.1"), "amazon", "1!2.0.0"),
        // Not documented, the same before and after.
        (astro("3.0.2"), "amazon", "1!2.0.0"),
        (astro("4.2.8"), "google", "6.7.0"),
        (astro("4.1.0"), "google", "no"),
        (astro("5.0.1"), "microsoft-azure", "no"),
        // After the last documented release of a line; inside one; before the first of one.
        (astro("5.5.0"), "amazon", "5.0.0.."),
        (astro("11.12.0"), "amazon", "8.27.0.."),
        (astro("12.3.0"), "amazon", "8.19.0..8.29.0"),
        (astro("13.7.0"), "amazon", "8.29.0.."),
        (astro("12.1"), "amazon", "8.19.0.."),
        (astro("14.0.0"), "amazon", "?"),
        (runtime("3.0-2"), "amazon", "no"),
        (runtime("3.1"), "amazon", "no"),
        (runtime("3.3-2-base"), "hashicorp", "no"),
        (runtime("3.1-1"), "cncf-kubernetes", "no"),
        (astro("latest"), "amazon", "?"),
        ("apache/airflow:2.9.1".to_owned(), "amazon", "?"),
        ("registry.example.com/custom:1".to_owned(), "amazon", "?"),
    ] {
        assert_eq!(bundled(&reference, provider), expected, "{provider} in {reference}");
    }
    let Bundled::Between { source, .. } = Image::read(&astro("13.7.0")).bundled("amazon") else {
        panic!("a range is expected")
    };
    assert!(source.starts_with("not documented; not older than in Runtime 12.8.0"), "{source}");
}

#[test]
fn requirements_are_installed_except_on_base_images() {
    for (reference, expected) in [
        ("quay.io/astronomer/astro-runtime:9.5.0", Some(true)),
        ("quay.io/astronomer/astro-runtime:11.8.0-slim", Some(true)),
        ("quay.io/astronomer/astro-runtime:9.5.0-base", Some(false)),
        ("astrocrpublic.azurecr.io/runtime:3.1-1-python-3.12-base", Some(false)),
        ("quay.io/astronomer/ap-airflow:2.0.2-buster-onbuild", Some(true)),
        ("quay.io/astronomer/ap-airflow:2.0.2-buster", Some(false)),
        ("apache/airflow:2.9.1", Some(false)),
        ("registry.example.com/custom:1", None),
    ] {
        assert_eq!(Image::read(reference).installs_requirements(), expected, "{reference}");
    }
}

#[test]
fn withdrawn_and_ended_releases_are_known() {
    let image = |tag: &str| Image::read(&format!("quay.io/astronomer/astro-runtime:{tag}"));
    for tag in ["8.0.0", "9.0.0", "9.6.0-base", "11.0.0", "11.1.0"] {
        assert!(image(tag).yanked().is_some(), "{tag}");
    }
    assert_eq!(image("9.7.0").yanked(), None);
    for (tag, month) in [
        ("3.0.2", Some("2022-02")),
        ("11.99.0", Some("2025-10")),
        ("12.8.0", None),
        ("14.0.0", None),
    ] {
        assert_eq!(image(tag).end_of_maintenance(), month, "{tag}");
    }
    // A moving tag of Airflow 3 is no Runtime 3.
    let moving = Image::read("astrocrpublic.azurecr.io/runtime:3.1");
    assert_eq!(moving.end_of_maintenance(), None);
    assert_eq!(image("9.5.0").python(), Some((3, 11)));
    assert_eq!(image("9.5.0-python-3.9").python(), Some((3, 9)));
    assert_eq!(image("13.0.0").python(), None);
}

#[test]
fn tags_that_do_not_fit_their_repository_are_doubted() {
    use TagDoubt::*;
    for (reference, expected) in [
        ("quay.io/astronomer/astro-runtime:9.5.0-python-3.11-base", vec![]),
        ("astrocrpublic.azurecr.io/runtime:3.1", vec![]),
        ("astrocrpublic.azurecr.io/runtime:3.1-4-python-3.12", vec![]),
        ("astrocrpublic.azurecr.io/runtime:3.0.2", vec![OldFormatInNewRepository]),
        ("quay.io/astronomer/astro-runtime:3.0-2", vec![NewFormatInOldRepository]),
        ("quay.io/astronomer/astro-runtime:12.1", vec![FloatingInOldRepository]),
        ("quay.io/astronomer/astro-runtime:9.5.0-slim", vec![SlimTooEarly]),
        ("quay.io/astronomer/astro-runtime:8.2.0-python-3.11", vec![PythonTooEarly]),
        ("astrocrpublic.azurecr.io/runtime:3.1-1-slim", vec![SlimOnAirflow3]),
        ("quay.io/astronomer/astro-runtime:14.0.0", vec![UnknownLine]),
        ("astrocrpublic.azurecr.io/runtime:13.2-1", vec![UnknownLine]),
        ("astrocrpublic.azurecr.io/runtime:2.11-1", vec![UnknownLine]),
        ("astrocrpublic.azurecr.io/runtime:3.9-1", vec![]),
        ("quay.io/astronomer/astro-runtime:latest", vec![NoVersion, UnknownSuffix]),
        ("quay.io/astronomer/astro-runtime@sha256:0123", vec![]),
        ("quay.io/astronomer/astro-runtime:9.5.0-alpha1", vec![UnknownSuffix]),
        ("registry.example.com/custom:latest", vec![]),
    ] {
        assert_eq!(Image::read(reference).doubts(), expected, "{reference}");
    }
}

#[test]
fn a_reference_is_shown_without_its_registry() {
    for (reference, short, tag, official) in [
        ("quay.io/astronomer/astro-runtime:12.8.0", "astro-runtime:12.8.0", "12.8.0", true),
        ("localhost:5000/runtime", "runtime", "", false),
        ("astrocrpublic.azurecr.io/runtime:3.1-4@sha256:01", "runtime:3.1-4", "3.1-4", true),
    ] {
        let image = Image::read(reference);
        let found = (image.short(), image.tag_text(), image.is_official());
        assert_eq!(found, (short, tag, official), "{reference}");
    }
}

proptest::proptest! {
    #[test]
    fn no_reference_panics(text in "(quay.io/astronomer/astro-runtime|astro/runtime|ap-airflow)?[:@]?[-0-9.a-z$\\PC]{0,20}") {
        let image = Image::read(&text);
        let _ = (image.airflow(), image.python(), image.doubts(), image.end_of_maintenance());
        let _ = (image.bundled("amazon"), image.bundled("hashicorp"), image.yanked());
    }
}
