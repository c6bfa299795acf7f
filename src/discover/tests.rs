//! Discovery over small trees. Paths in expectations are relative to the tree's root.

use tempfile::TempDir;

use super::*;

const MARK: &str = ".astro/config.yaml";
const RUNTIME: &str = "FROM quay.io/astronomer/astro-runtime:12.8.0\n";

struct Tree {
    _dir: TempDir,
    root: PathBuf,
}

/// A tree of empty files; `path=content` gives one content, a trailing slash makes a directory.
fn tree(files: &[&str]) -> Tree {
    let dir = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    for file in files {
        let (path, content) = file.split_once('=').unwrap_or((file, ""));
        let full = root.join(path);
        if path.ends_with('/') {
            fs::create_dir_all(full).unwrap();
        } else {
            fs::create_dir_all(full.parent().unwrap()).unwrap();
            fs::write(full, content).unwrap();
        }
    }
    Tree { _dir: dir, root }
}

impl Tree {
    fn discover(&self, path: &str) -> Result<Discovered, DiscoverError> {
        discover_for_home(&[self.root.join(path)], None)
    }

    fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap().to_str().unwrap().replace('\\', "/")
    }

    /// Roots of the projects found from `path`.
    fn roots(&self, path: &str) -> Vec<String> {
        let found = self.discover(path).unwrap();
        found.projects.iter().map(|project| self.relative(&project.root)).collect()
    }

    /// Files of all projects found from `path`, except those that mark a project.
    fn files(&self, path: &str) -> Vec<String> {
        self.files_of(&self.discover(path).unwrap())
    }

    fn files_of(&self, found: &Discovered) -> Vec<String> {
        found
            .projects
            .iter()
            .flat_map(|project| &project.files)
            .map(|file| self.relative(&file.path))
            .collect()
    }

    #[cfg(unix)]
    fn link(&self, link: &str, target: &str) {
        let link = self.root.join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, link).unwrap();
    }
}

#[test]
fn a_project_is_known_by_its_marks() {
    let runtime = format!("Dockerfile={RUNTIME}");
    for (files, marker) in [
        (&[MARK][..], Some(Marker::AstroConfig)),
        (&[&runtime, "dags/"], Some(Marker::RuntimeDockerfile)),
        (&[&runtime], None),
        (&["Dockerfile=FROM python:3.12\n", "dags/"], None),
        (&["dags/", "astrolint.toml"], Some(Marker::Declared)),
        (&["dags/", "airflow.cfg"], Some(Marker::AirflowFiles)),
        (&["dags/", ".env.example=AIRFLOW__CORE__X=1\n"], Some(Marker::AirflowFiles)),
        (&["dags/", ".env.example=OTHER=1\n"], None),
        (&[".env.example=AIRFLOW__CORE__X=1\n"], None),
        (&["dags/a.py"], None),
        (&[".astro/other.yaml"], None),
    ] {
        let tree = tree(files);
        let found = tree.discover("").ok().map(|found| found.projects.first().unwrap().marker);
        assert_eq!(found, marker, "{files:?}");
    }
}

#[test]
fn the_global_configuration_in_the_home_directory_is_no_project() {
    let tree = tree(&[MARK, "work/dags/a.py"]);
    let discover = |home: Option<&Path>| discover_for_home(&[tree.root.join("work")], home);
    assert!(matches!(discover(Some(&tree.root)), Err(DiscoverError::NoProject { .. })));
    assert_eq!(discover(None).unwrap().projects.len(), 1);
}

#[test]
fn a_directory_stands_for_every_project_at_and_below_it() {
    let runtime = format!("b/airflow/Dockerfile={RUNTIME}");
    let tree = tree(&[
        "a/astro/.astro/config.yaml",
        "a/astro/dags/x.py",
        &runtime,
        "b/airflow/dags/y.py",
        "c/dags/z.py",
        "c/airflow.cfg",
        "d/.astro/config.yaml",
        "d/.env",
        "d/nested/.astro/config.yaml",
        "d/nested/.env",
    ]);
    assert_eq!(tree.roots(""), ["a/astro", "b/airflow", "d", "d/nested"]);
    assert_eq!(tree.roots("a"), ["a/astro"]);
    assert_eq!(tree.roots("c"), ["c"], "a mere dags/ counts only where it is named");
    let found = tree.discover("d").unwrap();
    for (project, file) in found.projects.iter().zip(["d/.env", "d/nested/.env"]) {
        let files: Vec<String> =
            project.files.iter().map(|file| tree.relative(&file.path)).collect();
        assert_eq!(files, [file], "a nested project's files are not the outer one's");
    }
}

#[test]
fn a_path_inside_a_project_stands_for_the_nearest_project_above() {
    let tree = tree(&[
        "p/.astro/config.yaml",
        "p/dags/team/a.py",
        "p/README.md",
        "p/nested/.astro/config.yaml",
        "p/nested/dags/b.py",
        "loose/dags/team/a.py",
        "loose/.env=AIRFLOW_CONN_X=http://h\n",
    ]);
    for (path, root) in [
        ("p/dags/team", "p"),
        ("p/dags/team/a.py", "p"),
        ("p/README.md", "p"),
        ("p/nested/dags", "p/nested"),
        ("p/dags/../nested/dags/b.py", "p/nested"),
        ("loose/dags", "loose"),
        ("loose/dags/team/a.py", "loose"),
    ] {
        assert_eq!(tree.roots(path), [root], "{path}");
    }
    assert_eq!(tree.files("p/dags"), ["p/dags/team/a.py"]);
}

#[test]
fn what_stands_for_no_project_is_an_error_that_names_it() {
    let tree = tree(&["docs/a.md"]);
    for (path, expected) in [
        ("none", "there is no file or directory `"),
        ("docs/a.md", "is a file that belongs to no Astro project"),
        ("docs", "there is no Astro project in `"),
    ] {
        let text = tree.discover(path).unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
        assert!(text.contains(&tree.root.join(path).display().to_string()), "{text}");
    }
    let text = tree.discover("docs").unwrap_err().to_string();
    assert!(text.contains("`.astro/config.yaml`"), "says what was looked for: {text}");
}

#[test]
fn the_same_project_is_found_once() {
    let tree = tree(&["p/.astro/config.yaml", "p/dags/a.py", "p/.env"]);
    let paths = ["p/dags/a.py", "p", "", "p/.env"].map(|path| tree.root.join(path));
    let found = discover_for_home(&paths, None).unwrap();
    assert_eq!(tree.files_of(&found), ["p/.env", "p/dags/a.py"]);
}

#[test]
fn files_are_listed_by_kind_and_what_belongs_to_tools_is_not() {
    let tree = tree(&[
        MARK,
        ".astro/standalone/.env",
        ".astro/worktrees/w/dags/a.py",
        ".env",
        ".env.example",
        ".git/prod.env",
        ".gitignore",
        "Dockerfile",
        "README.md",
        "any-name/pyvenv.cfg",
        "any-name/include/x.py",
        "any-name/prod.env",
        "cache/CACHEDIR.TAG",
        "cache/.env",
        "dags/__pycache__/a.py",
        "dags/a.py",
        "dags/b.sql",
        "include/lib/c.py",
        "node_modules/x/.env",
        "requirements.txt",
        "scripts/run.py",
        "tests/dags/test_a.py",
    ]);
    let found = tree.discover("").unwrap();
    let project = found.projects.first().unwrap();
    let listed: Vec<(String, FileKind)> =
        project.files.iter().map(|file| (tree.relative(&file.path), file.kind)).collect();
    let expected = [
        (".env", FileKind::Env),
        (".env.example", FileKind::EnvTemplate),
        (".gitignore", FileKind::Gitignore),
        ("Dockerfile", FileKind::Dockerfile),
        ("dags/a.py", FileKind::Python),
        ("dags/b.sql", FileKind::Template),
        ("include/lib/c.py", FileKind::Python),
        ("requirements.txt", FileKind::Requirements),
    ];
    assert_eq!(listed, expected.map(|(path, kind)| (path.to_owned(), kind)));
    assert!(found.notes.is_empty(), "{:?}", found.notes);
}

#[test]
fn a_virtual_environment_made_in_the_project_itself_does_not_hide_it() {
    let tree = tree(&[
        "p/.astro/config.yaml",
        "p/pyvenv.cfg",
        "p/lib/python3.12/site-packages/dags/x.env",
        "p/dags/a.py",
    ]);
    assert_eq!(tree.files(""), ["p/dags/a.py"]);
    assert_eq!(tree.files("p"), ["p/dags/a.py"]);
}

#[test]
fn templates_above_the_project_count_up_to_the_root_of_the_repository() {
    let tree = tree(&[
        ".env.example",
        "repo/.git/HEAD",
        "repo/.env_example",
        "repo/.env",
        "repo/mid/example.env",
        "repo/mid/p/.astro/config.yaml",
        "repo/mid/p/.env",
        "repo/mid/p/inner/.astro/config.yaml",
        "free/p/.astro/config.yaml",
        "free/.env.example",
    ]);
    let found = tree.discover("repo/mid").unwrap();
    let outer = found.projects.first().unwrap();
    assert_eq!(outer.repository, Some(tree.root.join("repo")));
    assert_eq!(
        tree.files("repo/mid"),
        ["repo/.env_example", "repo/mid/example.env", "repo/mid/p/.env"],
        "and a template of the outer project is not the inner one's"
    );
    assert_eq!(tree.files("free/p"), [""; 0], "without a repository nothing above is read");
}

#[test]
fn a_template_above_can_mark_a_given_directory() {
    let tree = tree(&["repo/.git/HEAD", "repo/.env.example=AIRFLOW__A__B=1\n", "repo/x/dags/a.py"]);
    assert_eq!(tree.files("repo/x"), ["repo/.env.example", "repo/x/dags/a.py"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_only_inside() {
    let outside = tree(&["secrets/prod.env", "lib/x.py"]);
    let tree = tree(&[
        "p/.astro/config.yaml",
        "p/include/common/c.py",
        "shared/s.py",
        "shared/deep/t.py",
        "shared/.env",
    ]);
    tree.link("p/dags/common", "../include/common");
    tree.link("p/dags/shared", "../../shared");
    tree.link("p/dags/shared_again", "../../shared");
    tree.link("p/dags/loop", "..");
    tree.link("p/dags/self", "self");
    tree.link("shared/back", "../p/dags");
    tree.link("p/.env", "../shared/.env");
    tree.link("p/broken.env", "nowhere");
    tree.link("p/dags/broken", "nowhere");
    tree.link("p/dags/out", outside.root.join("lib").to_str().unwrap());
    tree.link("p/prod.env", outside.root.join("secrets/prod.env").to_str().unwrap());

    let found = tree.discover("").unwrap();
    assert_eq!(
        tree.files_of(&found),
        ["p/.env", "p/dags/shared/deep/t.py", "p/dags/shared/s.py", "p/include/common/c.py"]
    );
    let said: Vec<(String, Vec<String>)> = found
        .notes
        .iter()
        .map(|note| {
            (note.to_string(), note.paths().iter().map(|path| tree.relative(path)).collect())
        })
        .collect();
    let leaving = "links that lead out of the scanned directory were not followed";
    let broken = "not read: there is no such file";
    assert_eq!(
        said,
        [
            (broken.to_owned(), vec!["p/broken.env".to_owned()]),
            (leaving.to_owned(), vec!["p/dags/out".to_owned(), "p/prod.env".to_owned()]),
        ]
    );

    let narrow = tree.discover("p").unwrap();
    assert_eq!(tree.files_of(&narrow), ["p/include/common/c.py"]);
    let Some(Note::LinksLeave { paths }) = narrow.notes.last() else { panic!("no such note") };
    assert_eq!(paths.len(), 5, "shared/ lies outside when only p/ is scanned: {paths:?}");
}

#[cfg(unix)]
#[test]
fn links_that_multiply_each_other_end() {
    let tree = tree(&[MARK, "dags/0/a.py", "dags/1/b.py", "dags/2/c.py"]);
    for from in 0..3 {
        for to in 0..3 {
            tree.link(&format!("dags/{from}/to{to}"), &format!("../{to}"));
        }
    }
    assert_eq!(tree.files(""), ["dags/0/a.py", "dags/1/b.py", "dags/2/c.py"]);
}

#[cfg(unix)]
#[test]
fn a_given_link_belongs_to_the_project_it_lies_in() {
    let outside = tree(&["dags/a.py"]);
    let tree = tree(&["p/.astro/config.yaml", "p/.env"]);
    tree.link("p/dags", outside.root.join("dags").to_str().unwrap());
    assert_eq!(tree.files("p/dags"), ["p/.env"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_noted_and_never_opened() {
    let tree = tree(&[MARK, "dags/a.py"]);
    for name in [".env", "other.pipe"] {
        std::process::Command::new("mkfifo").arg(tree.root.join(name)).status().unwrap();
    }
    tree.link("prod.env", ".env");
    let found = tree.discover("").unwrap();
    assert_eq!(tree.files_of(&found), ["dags/a.py"]);
    let noted: Vec<String> =
        found.notes.iter().flat_map(Note::paths).map(|path| tree.relative(path)).collect();
    assert_eq!(noted, [".env", "prod.env"]);
}

#[cfg(unix)]
#[test]
fn a_directory_without_permission_is_noted_and_the_rest_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let tree = tree(&[MARK, "dags/a.py", "include/locked/b.py"]);
    let locked = tree.root.join("include/locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let is_superuser = fs::read_dir(&locked).is_ok();
    let found = tree.discover("");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    if is_superuser {
        return; // Nothing is locked for this user.
    }
    let found = found.unwrap();
    assert_eq!(tree.files_of(&found), ["dags/a.py"]);
    let reason = Unreadable::Refused(io::ErrorKind::PermissionDenied);
    assert_eq!(found.notes, [Note::Unreadable { path: locked, reason }]);
}

#[cfg(unix)]
#[test]
fn names_may_hold_anything() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let tree = tree(&[MARK, "dags/"]);
    let names = [&b"a\xff.py"[..], b"b\n\x1b[31m.py"];
    for name in names {
        fs::write(tree.root.join("dags").join(OsStr::from_bytes(name)), "").unwrap();
    }
    let found = tree.discover("").unwrap();
    let found: Vec<&[u8]> = found.projects[0]
        .files
        .iter()
        .map(|file| file.path.file_name().unwrap().as_bytes())
        .collect();
    assert_eq!(found, names);
}
