//! Where to begin: the files of `fixtures/` and the examples of the rules' pages.

use std::fs;
use std::path::{Path, PathBuf};

use super::Target;
use super::tree::Tree;
use crate::discover::file_kind;

/// Texts of the kind that `target` reads, from the repository at `root`.
#[must_use]
pub fn seeds(target: &Target, root: &Path) -> Vec<String> {
    let mut seeds: Vec<String> = target.seeds.iter().map(|it| (*it).to_owned()).collect();
    let trees = trees(root);
    if matches!(target.name, "pipeline" | "fixes") {
        seeds.extend(trees.iter().map(Tree::text));
    }
    for (name, text) in trees.iter().flat_map(|tree| &tree.files) {
        let kind = file_kind(Path::new(name));
        let is_configuration = target.name == "configuration" && name.ends_with("astrolint.toml");
        if kind.is_some_and(|kind| target.kinds.contains(&kind)) || is_configuration {
            seeds.push(text.clone());
        }
    }
    seeds.sort();
    seeds.dedup();
    seeds
}

/// The projects of `fixtures/` and those of the examples, which are a page's fences that follow each other.
fn trees(root: &Path) -> Vec<Tree> {
    let mut trees = Vec::new();
    for project in entries(&root.join("fixtures/projects")) {
        let mut tree = Tree::default();
        add_files(&project, &project, &mut tree);
        trees.push(tree);
    }
    for page in entries(&root.join("rules")) {
        if page.extension().is_some_and(|ending| ending == "md") {
            trees.extend(examples(&fs::read_to_string(&page).unwrap()));
        }
    }
    trees
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.collect();
    paths.sort();
    paths
}

fn add_files(root: &Path, directory: &Path, tree: &mut Tree) {
    for path in entries(directory) {
        if path.is_dir() {
            add_files(root, &path, tree);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            tree.files.push((name.replace('\\', "/"), text));
        }
    }
}

fn examples(page: &str) -> Vec<Tree> {
    let mut trees = vec![Tree::default()];
    let mut fences = page.split("\n```").skip(1);
    while let (Some(fence), Some(between)) = (fences.next(), fences.next()) {
        let (info, text) = fence.split_once('\n').unwrap_or((fence, ""));
        if let Some((_, name)) = info.split_once(' ')
            && name.contains('.') | name.contains("file")
        {
            trees.last_mut().unwrap().files.push((name.to_owned(), format!("{text}\n")));
        }
        if !between.trim().is_empty() {
            trees.push(Tree::default());
        }
    }
    trees.retain(|tree| !tree.files.is_empty());
    trees
}
