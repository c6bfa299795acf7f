//! `astrolint projects`.

use std::cmp::Reverse;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use super::output::{say, stdout};
use super::{Exit, Failure};
use crate::cli::{ProjectsArgs, ProjectsFormat};
use crate::discover::ProjectFiles;
use crate::report::escape::path_text;
use crate::report::shards::{self, Shard};
use crate::{Request, find, relative};

pub(super) fn run(arguments: &ProjectsArgs) -> Result<Exit, Failure> {
    let request = Request { paths: arguments.paths.clone(), ..Request::default() };
    let found = find(&request)?;
    for failed in &found.failed {
        say(&format!("astrolint: {failed}"));
    }
    let here = std::env::current_dir()?.canonicalize()?;
    let named = trees(found.projects.iter().map(|(project, _)| project)).into_iter().map(
        |(root, bytes)| {
            let path = path_text(&relative(&root, &here));
            // An argument that begins with a hyphen would be taken for an option.
            (if path.starts_with('-') { format!("./{path}") } else { path }, bytes)
        },
    );
    let trees: Vec<_> = named.collect();
    let number = arguments.shards.map_or(trees.len(), |number| usize::from(number.get()));
    let shards = balance(trees, number);
    let mut out = stdout();
    match arguments.format {
        ProjectsFormat::Text => shards::text(&shards, &mut out)?,
        ProjectsFormat::Json => shards::json(&shards, &mut out)?,
    }
    out.flush()?;
    Ok(if found.failed.is_empty() { Exit::Clean } else { Exit::Unusable })
}

/// The projects that lie in no other, with the bytes that are read of each and of those below it: a path
/// stands for all of them.
fn trees<'a>(projects: impl Iterator<Item = &'a ProjectFiles>) -> Vec<(PathBuf, u64)> {
    let mut trees: Vec<(PathBuf, u64)> = Vec::new();
    for project in projects {
        let sizes =
            project.files.iter().map(|file| fs::metadata(&file.path).map_or(0, |it| it.len()));
        let bytes: u64 = sizes.sum();
        match trees.iter_mut().find(|(root, _)| project.root.starts_with(root)) {
            Some((_, sum)) => *sum += bytes,
            None => trees.push((project.root.clone(), bytes)),
        }
    }
    trees
}

/// Hands the paths out to at most `number` shards, the largest first, each to the shard that has least. In
/// every run on the same tree the same.
fn balance(mut trees: Vec<(String, u64)>, number: usize) -> Vec<Shard> {
    trees.sort_by(|(path, bytes), (other, others)| {
        (Reverse(bytes), path).cmp(&(Reverse(others), other))
    });
    let mut parts: Vec<(u64, Vec<String>)> = vec![(0, Vec::new()); number.min(trees.len())];
    for (path, bytes) in trees {
        if let Some((sum, paths)) = parts.iter_mut().min_by_key(|(sum, paths)| (*sum, paths.len()))
        {
            *sum += bytes;
            paths.push(path);
        }
    }
    let sorted = |(_, mut paths): (u64, Vec<String>)| {
        paths.sort();
        paths
    };
    let mut lists: Vec<_> = parts.into_iter().map(sorted).collect();
    lists.sort();
    let shards = lists.into_iter().zip(1..).map(|(paths, shard)| {
        let first = paths.first().map_or("", String::as_str);
        let project = match paths.len() {
            0 | 1 => first.to_owned(),
            many => format!("{first} and {} more", many - 1),
        };
        Shard { project, paths, shard }
    });
    shards.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_have_about_the_same_bytes() {
        let tree = |name: &str, bytes| (name.to_owned(), bytes);
        let trees =
            || vec![tree("a", 1), tree("b", 50), tree("c", 30), tree("d", 21), tree("e", 0)];
        for (number, expected) in [
            (1, vec!["a b c d e"]),
            (2, vec!["a b e", "c d"]),
            (3, vec!["a d e", "b", "c"]),
            (9, vec!["a", "b", "c", "d", "e"]),
        ] {
            let shards = balance(trees(), number);
            let paths: Vec<_> = shards.iter().map(|shard| shard.paths.join(" ")).collect();
            assert_eq!(paths, expected, "{number}");
        }
        let names: Vec<_> = balance(trees(), 2).into_iter().map(|shard| shard.project).collect();
        assert_eq!(names, ["a and 2 more", "c and 1 more"]);
        assert!(balance(Vec::new(), 3).is_empty());
    }
}
