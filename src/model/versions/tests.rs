use super::set::fulfils;
use super::*;
use crate::model::FileId;
use crate::text::{Span, Text};

const ASTRO_9_5: &str = "quay.io/astronomer/astro-runtime:9.5.0";
const RUNTIME_3: &str = "astrocrpublic.azurecr.io/runtime:3.1-2";
const CUSTOM: &str = "registry.example.com/data/airflow:1";

fn v(text: &str) -> Version {
    text.parse().unwrap()
}

fn requirements(files: &[(&str, &str)]) -> Requirements {
    Requirements::read("requirements.txt", &mut |path| {
        let index = files.iter().position(|(name, _)| *name == path)?;
        Some((FileId(u32::try_from(index).unwrap()), files[index].1.to_owned()))
    })
}

/// The versions with an image (or none, for `""`) and one requirements file.
fn versions(image: &str, text: &str) -> Versions {
    let read = Image::read(image);
    let place = Place { file: FileId(99), span: Span::default() };
    Versions::of(&Installation {
        image: (!image.is_empty()).then_some((&read, place)),
        requirements: Some(&requirements(&[("requirements.txt", text)])),
        ..Installation::default()
    })
}

/// The set as text, with the kind of its basis.
fn shown(set: &VersionSet) -> String {
    let basis = format!("{:?}", set.basis());
    let kind = basis.split(['(', ' ']).next().unwrap_or("");
    let unsure = if set.presence() == Presence::Unsure { "perhaps " } else { "" };
    format!("{unsure}{}, {kind}", set.describe())
}

fn package(image: &str, text: &str, name: &str) -> String {
    shown(versions(image, text).package(name).unwrap())
}

#[test]
fn amazon_in_a_project() {
    let newest = releases::package("amazon").unwrap().newest().unwrap();
    let to_newest = |from: &str, basis: &str| format!("{from} to {newest}, {basis}");
    let a = "apache-airflow-providers-amazon";
    for (image, text, expected) in [
        // The image alone.
        (ASTRO_9_5, String::new(), "8.10.0, Bundled".to_owned()),
        (RUNTIME_3, String::new(), "not installed, NotInstalled".to_owned()),
        (CUSTOM, String::new(), "perhaps any version, Unknown".to_owned()),
        ("", String::new(), "perhaps any version, Unknown".to_owned()),
        // pip leaves what fulfils the requirement, and replaces what does not.
        (ASTRO_9_5, a.to_owned(), "8.10.0, Bundled".to_owned()),
        (ASTRO_9_5, format!("{a}>=5.1.0"), "8.10.0, Bundled".to_owned()),
        (ASTRO_9_5, format!("{a}>=8.11"), to_newest("8.11.0", "Range")),
        (ASTRO_9_5, format!("{a}<8"), "1.0.0 to 7.4.1, Range".to_owned()),
        (ASTRO_9_5, format!("{a}==8.1.0"), "8.1.0, Pinned".to_owned()),
        (ASTRO_9_5, format!("{a}==8.1"), "8.1.0, Pinned".to_owned()),
        (ASTRO_9_5, format!("{a}==8.7.*"), "8.7.0 or 8.7.1, Range".to_owned()),
        (ASTRO_9_5, format!("{a}~=8.3.0"), "8.3.0 or 8.3.1, Range".to_owned()),
        (ASTRO_9_5, format!("{a}>=8,<9,!=8.10.0"), "8.0.0 to 8.29.0, Range".to_owned()),
        (RUNTIME_3, a.to_owned(), "any version, Unpinned".to_owned()),
        (RUNTIME_3, format!("{a}>=5.1.0"), to_newest("5.1.0", "Range")),
        (CUSTOM, format!("{a}>=5.1.0"), to_newest("5.1.0", "Range")),
        ("", format!("{a}==8.1.0"), "8.1.0, Pinned".to_owned()),
        // Yanked releases only when pinned; unknown pins are kept; newer than all known too.
        ("", format!("{a}>=9.2,<9.4"), "9.2.0, Range".to_owned()),
        ("", format!("{a}==9.3.0"), "9.3.0, Pinned".to_owned()),
        ("", format!("{a}===9.3.0"), "9.3.0, Pinned".to_owned()),
        ("", format!("{a}==99.0.1"), "99.0.1, Pinned".to_owned()),
        ("", format!("{a}==9.0.0rc1"), "9.0.0rc1, Pinned".to_owned()),
        ("", format!("{a}>=99"), "99, Range".to_owned()),
        ("", format!("{a}>99.1"), "99.2, Range".to_owned()),
        // What pip cannot fulfil.
        ("", format!("{a}<1"), "no version, Contradiction".to_owned()),
        ("", format!("{a}==8.1.0\n{a}>=9"), "no version, Contradiction".to_owned()),
        // Several lines for one package count together.
        ("", format!("{a}>=8\n{a}<8.2"), "8.0.0 or 8.1.0, Range".to_owned()),
        // Lines that do not tell the version.
        ("", format!("{a} @ git+https://example.com/x.git"), "any version, Untold".to_owned()),
        ("", format!("git+https://example.com/x.git#egg={a}"), "any version, Untold".to_owned()),
        ("", format!("{a}==${{V}}"), "any version, Untold".to_owned()),
        ("", format!("{a}===weird"), "any version, Untold".to_owned()),
        (
            "",
            "./apache_airflow_providers_amazon-8.1.0-py3-none-any.whl".to_owned(),
            "8.1.0, Pinned".to_owned(),
        ),
        // Extras, with the floor that the provider declares.
        (RUNTIME_3, "apache-airflow[amazon]".to_owned(), "any version, Extra".to_owned()),
        ("", "apache-airflow[aws]==2.5.0".to_owned(), "1.0.0 to 8.12.0, Extra".to_owned()),
        (ASTRO_9_5, "apache-airflow[amazon]==2.7.3".to_owned(), "8.10.0, Bundled".to_owned()),
        ("", format!("apache-airflow==2.5.0\n{a}>=8"), "8.0.0 to 8.12.0, Range".to_owned()),
        // Something may bring it along.
        (RUNTIME_3, "apache-airflow[all]".to_owned(), "perhaps any version, Unknown".to_owned()),
        (
            RUNTIME_3,
            "astronomer-providers[amazon]".to_owned(),
            "perhaps any version, Unknown".to_owned(),
        ),
        (
            RUNTIME_3,
            "git+https://example.com/ours.git".to_owned(),
            "perhaps any version, Unknown".to_owned(),
        ),
        (
            RUNTIME_3,
            "-r https://example.com/r.txt".to_owned(),
            "perhaps any version, Unknown".to_owned(),
        ),
        (RUNTIME_3, format!("{a}=8.1"), "perhaps any version, Unknown".to_owned()),
        (RUNTIME_3, "prefect[aws]\nboto3".to_owned(), "not installed, NotInstalled".to_owned()),
        (ASTRO_9_5, "-r https://example.com/r.txt".to_owned(), "any version, Unknown".to_owned()),
        (ASTRO_9_5, "${EVERYTHING}".to_owned(), "any version, Unknown".to_owned()),
    ] {
        assert_eq!(package(image, &text, "amazon"), expected, "{image:?} with {text:?}");
    }
}

#[test]
fn conditions_exclude_or_divide() {
    let a = "apache-airflow-providers-amazon";
    let excluded = format!("{a}==8.1.0; sys_platform == 'win32'");
    let result = versions(RUNTIME_3, &excluded);
    assert_eq!(shown(result.package("amazon").unwrap()), "not installed, NotInstalled");
    assert_eq!(result.excluded.len(), 1);

    for (image, text, expected) in [
        (ASTRO_9_5, format!("{a}==8.1.0; python_version < '3.12'"), "8.1.0, Pinned"),
        (ASTRO_9_5, format!("{a}==8.1.0; python_version < '3.9'"), "8.10.0, Bundled"),
        (
            ASTRO_9_5,
            format!("{a}==8.1.0; platform_machine == 'arm64'"),
            "8.1.0 or 8.10.0, Conditional",
        ),
        (RUNTIME_3, format!("{a}==8.1.0; python_version < '3.12'"), "perhaps 8.1.0, Conditional"),
        (
            RUNTIME_3,
            format!("{a}==8.1.0; python_version < '3.12'\n{a}==9.0.0; python_version >= '3.12'"),
            "perhaps 8.1.0 or 9.0.0, Conditional",
        ),
        (
            "",
            format!("{a}>=8,<8.3\n{a}!=8.1.0; platform_machine == 'arm64'"),
            "8.0.0 to 8.2.0, Conditional",
        ),
    ] {
        assert_eq!(package(image, &text, "amazon"), expected, "{image:?} with {text:?}");
    }
}

#[test]
fn airflow_in_a_project() {
    for (image, text, expected) in [
        ("quay.io/astronomer/astro-runtime:3.0.2", "", "2.1.1, Bundled"),
        ("astrocrpublic.azurecr.io/runtime:3.0-2", "", "3.0.0 to 3.0.6, Bundled"),
        ("astrocrpublic.azurecr.io/runtime:3.9-1", "", "3.9.0, Bundled"),
        (ASTRO_9_5, "", "2.7.3, Bundled"),
        (ASTRO_9_5, "apache-airflow", "2.7.3, Bundled"),
        (ASTRO_9_5, "apache-airflow[amazon]==2.9.1", "2.9.1, Pinned"),
        (CUSTOM, "", "perhaps any version, Unknown"),
        (CUSTOM, "apache-airflow==2.9.1", "2.9.1, Pinned"),
        ("", "apache-airflow-core==3.0.2", "3.0.2, Pinned"),
        ("", "apache-airflow-core<3.0.2", "3.0.0 or 3.0.1, Range"),
        ("", "apache-airflow==${AIRFLOW_VERSION}", "any version, Untold"),
        ("apache/airflow:2.9.1", "apache-airflow==2.8.0", "2.9.1, Bundled"),
    ] {
        assert_eq!(package(image, text, "apache-airflow"), expected, "{image:?} with {text:?}");
    }
}

#[test]
fn an_undocumented_release_is_bounded_by_its_neighbours_and_its_airflow() {
    for (tag, expected) in [
        ("12.3.0", "8.19.0 to 8.29.0, Bundled"),
        // 9.18.0 and later need Airflow 2.11.
        ("12.9.0", "8.29.0 to 9.17.0, Bundled"),
        ("3.0.2", "1!2.0.0, Bundled"),
        ("3.0.9", "1!2.0.0, Bundled"),
    ] {
        let image = format!("quay.io/astronomer/astro-runtime:{tag}");
        assert_eq!(package(&image, "", "amazon"), expected, "{tag}");
    }
    let image = "quay.io/astronomer/astro-runtime:12.9.0";
    let set = versions(image, "");
    let set = set.package("amazon").unwrap();
    let Basis::Bundled { source, .. } = set.basis() else { panic!("{:?}", set.basis()) };
    assert!(source.contains("not older than in Runtime 12.8.0"), "{source}");
    // A requirement that only a part of them fulfils keeps that part.
    let with = |text| package(image, text, "amazon");
    assert_eq!(with("apache-airflow-providers-amazon>=8.29"), "8.29.0 to 9.17.0, Bundled");
    assert_eq!(with("apache-airflow-providers-amazon<8.29"), "1.0.0 to 8.28.0, Range");
}

#[test]
fn the_epoch_version_behaves_like_an_old_one() {
    let image = "quay.io/astronomer/astro-runtime:3.0.1";
    let result = versions(image, "apache-airflow-providers-amazon>=5.1.0");
    let amazon = result.package("amazon").unwrap();
    // pip is content: the epoch sorts above everything.
    assert_eq!(shown(amazon), "1!2.0.0, Bundled");
    assert!(amazon.versions()[0] > v("5.1.0"));
    // The provider is not.
    assert!(amazon.is_known());
    assert!(!amazon.any(|version| *version >= v("5.1.0")));
    assert!(amazon.all(|version| *version == v("2.0.0")));
    // A range below the epoch replaces it.
    assert_eq!(package(image, "apache-airflow-providers-amazon<3,>=2.6", "amazon"), "2.6.0, Range");
}

#[test]
fn runtime_3_slim_and_base_images() {
    let a = "apache-airflow-providers-amazon==8.1.0";
    for provider in ["amazon", "google", "hashicorp", "microsoft-azure", "cncf-kubernetes"] {
        assert_eq!(package(RUNTIME_3, "", provider), "not installed, NotInstalled", "{provider}");
    }
    let slim = "quay.io/astronomer/astro-runtime:11.8.0-slim";
    assert_eq!(package(slim, "", "amazon"), "not installed, NotInstalled");
    assert_eq!(package(slim, a, "amazon"), "8.1.0, Pinned");

    for image in [
        "quay.io/astronomer/astro-runtime:9.5.0-base",
        "astrocrpublic.azurecr.io/runtime:3.1-2-base",
    ] {
        let read = Image::read(image);
        let file = requirements(&[("requirements.txt", a)]);
        let mut installation = Installation {
            image: Some((&read, Place { file: FileId(9), span: Span::default() })),
            requirements: Some(&file),
            ..Installation::default()
        };
        let alone = Versions::of(&installation);
        assert!(!alone.requirements_are_installed, "{image}");
        assert_ne!(alone.package("amazon").unwrap().describe(), "8.1.0", "{image}");
        installation.dockerfile_installs_requirements = true;
        let installed = Versions::of(&installation);
        assert!(installed.requirements_are_installed, "{image}");
        assert_eq!(installed.package("amazon").unwrap().describe(), "8.1.0", "{image}");
    }
}

#[test]
fn commands_of_the_dockerfile_come_after_the_requirements() {
    let run = |arguments: &[&str]| {
        let mut run = Requirements::default();
        for argument in arguments {
            run.add_argument(FileId(7), &Text::verbatim(argument, 100));
        }
        run
    };
    let image = Image::read(RUNTIME_3);
    let file = requirements(&[("requirements.txt", "apache-airflow-providers-amazon==8.1.0")]);
    let amazon = |commands: &[Requirements]| {
        let place = Place { file: FileId(9), span: Span::default() };
        let installation = Installation {
            image: Some((&image, place)),
            requirements: Some(&file),
            commands,
            ..Installation::default()
        };
        Versions::of(&installation).package("amazon").unwrap().clone()
    };
    assert_eq!(shown(&amazon(&[])), "8.1.0, Pinned");
    assert_eq!(shown(&amazon(&[run(&["apache-airflow-providers-amazon>=8"])])), "8.1.0, Pinned");
    let later = amazon(&[run(&["boto3", "apache-airflow-providers-amazon==9.0.0"])]);
    assert_eq!(shown(&later), "9.0.0, Pinned");
    let place = Place { file: FileId(7), span: Span::new(100, 138) };
    assert_eq!(later.basis(), &Basis::Pinned(place));
}

#[test]
fn constraints_bound_but_do_not_install() {
    let amazon = |root: &str, constraints: &str| {
        let file = requirements(&[("requirements.txt", root), ("c.txt", constraints)]);
        let installation = Installation { requirements: Some(&file), ..Installation::default() };
        shown(Versions::of(&installation).package("amazon").unwrap())
    };
    let a = "apache-airflow-providers-amazon";
    let pin = format!("{a}==8.1.0");
    assert_eq!(amazon("-c c.txt", &pin), "perhaps any version, Unknown");
    assert_eq!(amazon(&format!("{a}\n-c c.txt"), &pin), "8.1.0, Pinned");
    assert_eq!(amazon("apache-airflow[amazon]\n-c c.txt", &pin), "8.1.0, Pinned");
    assert_eq!(amazon(&format!("{a}\n-c c.txt"), &format!("{a}<2")), "1.0.0 to 1.4.0, Range");
    // A constraint on Airflow bounds the provider too.
    let bounded = amazon(&format!("{a}\n-c c.txt"), "apache-airflow==2.5.0");
    assert_eq!(bounded, "1.0.0 to 8.12.0, Unpinned");
    // A constraints file that is not read may pin anything.
    let text = format!("{a}>=8.1\n-c https://example.com/constraints.txt");
    let set = versions(ASTRO_9_5, &text);
    assert!(!set.package("amazon").unwrap().is_known());
}

#[test]
fn a_pin_points_at_its_line() {
    let text = "# notes\nboto3\napache-airflow-providers-amazon==8.1.0\n";
    let result = versions("", text);
    let Basis::Pinned(place) = result.package("amazon").unwrap().basis().clone() else {
        panic!("pinned")
    };
    assert_eq!(place.span.of(text).trim(), "apache-airflow-providers-amazon==8.1.0");
}

#[test]
fn declarations_replace_what_was_found() {
    let mut result = versions(ASTRO_9_5, "");
    let newest = releases::package("amazon").unwrap().newest().unwrap().to_string();
    for (name, text, expected) in [
        ("apache-airflow", "2.9.1", "2.9.1".to_owned()),
        ("airflow", "2.9", "2.9.0 to 2.9.3".to_owned()),
        ("amazon", "8.1.0", "8.1.0".to_owned()),
        ("amazon", ">=8", format!("8.0.0 to {newest}")),
        ("apache-airflow-providers-amazon", "== 1!2.0.0", "1!2.0.0".to_owned()),
        ("hashicorp", "99.0.0", "99.0.0".to_owned()),
    ] {
        result.declare(name, text).unwrap();
        let set = result.package(name).unwrap();
        assert_eq!((set.describe(), set.basis()), (expected, &Basis::Declared), "{name} {text}");
    }
    for (name, text, expected) in [
        ("boto3", "1.0", DeclareError::UnknownPackage("boto3".into())),
        ("amazon", "newest", DeclareError::NotAVersion("newest".into())),
        ("amazon", "<1", DeclareError::NoRelease("<1".into())),
    ] {
        assert_eq!(result.declare(name, text), Err(expected), "{name} {text}");
    }
}

#[test]
fn a_huge_file_is_given_up_quickly() {
    let text = "apache-airflow-providers-amazon>=8; platform_machine == 'x'\n".repeat(20_000);
    assert_eq!(package("", &text, "amazon"), "perhaps any version, Untold");
}

#[test]
fn a_missing_number_is_a_zero() {
    for (specifier, version, expected) in [
        ("==2.0.1.*", "2.0", false),
        ("==2.0.0.*", "2.0", true),
        ("!=2.0.1.*", "2.0", true),
        ("==2.0.*", "2.0.1", true),
    ] {
        let specifiers = [specifier.parse().unwrap()];
        assert_eq!(fulfils(&v(version), &specifiers), expected, "{version} {specifier}");
    }
}

proptest::proptest! {
    #[test]
    fn no_project_panics(
        image in proptest::sample::select(vec![ASTRO_9_5, RUNTIME_3, CUSTOM, "", "quay.io/astronomer/astro-runtime:13.1.0"]),
        parts in proptest::collection::vec(proptest::sample::select(vec![
            "apache-airflow", "-providers-amazon", "[amazon]", "[all]", "==2.9.1", ">=8", "~=8.1", "<1", ">", ",",
            "; python_version < '3.9'", "; platform_machine == 'x'", " @ git+https://x/y", "==${V}", "\n", "\n",
            "-c requirements.txt", "===x", "99999999999999999999", "18446744073709551615",
        ]), 0..16),
    ) {
        let result = versions(image, &parts.concat());
        for package in std::iter::once(releases::airflow()).chain(releases::providers()) {
            let set = result.package(&package.name).unwrap();
            assert!(set.versions().is_sorted());
            assert_eq!(set.presence() == Presence::Absent, *set.basis() == Basis::NotInstalled);
            assert!(!set.describe().is_empty());
        }
    }
}
