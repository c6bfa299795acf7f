//! Whether git tracks a file, from the index of the repository. No program is started.

use std::collections::HashMap;
use std::path::Path;

use gix_index::State;
use gix_index::decode::Options;
use gix_index::hash::{Kind, hasher};

use crate::discover::{git_directory, limits, read_bytes};

/// Whether a file is in the index of its repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tracked {
    /// It is: committed, or added for the next commit.
    Yes,
    /// It is not.
    No,
    /// There is no index that could be read.
    Unknown,
}

/// Whether git tracks each of `paths`, in the repository with the absolute root `repository`.
///
/// Everything is [`Tracked::Unknown`] when the index is missing, larger than
/// [`limits::GIT_INDEX`], damaged, split over two files, of a SHA-256 repository, or lies where
/// [`git_directory`] does not go. In a sparse index, what is not listed is unknown too.
#[must_use]
pub fn tracked(repository: &Path, paths: &[&Path]) -> Vec<Tracked> {
    let unknown = || vec![Tracked::Unknown; paths.len()];
    if paths.is_empty() {
        return unknown();
    }
    let Some(index) = read_index(repository) else {
        return unknown();
    };
    let absent = if index.is_sparse() { Tracked::Unknown } else { Tracked::No };
    let names: Vec<Option<Vec<u8>>> =
        paths.iter().map(|path| path.strip_prefix(repository).ok().map(index_name)).collect();
    let mut listed: HashMap<&[u8], bool> =
        names.iter().flatten().map(|name| (name.as_slice(), false)).collect();
    for entry in index.entries() {
        if let Some(found) = listed.get_mut(&**entry.path(&index)) {
            *found = true;
        }
    }
    names
        .iter()
        .map(|name| match name.as_ref().and_then(|name| listed.get(name.as_slice())) {
            Some(true) => Tracked::Yes,
            Some(false) => absent,
            None => Tracked::Unknown,
        })
        .collect()
}

fn read_index(repository: &Path) -> Option<State> {
    let path = git_directory(repository)?.own.join("index");
    let bytes = read_bytes(&path, limits::GIT_INDEX).ok()?;
    if !is_intact(&bytes) || expanded_paths(&bytes)? > limits::GIT_INDEX_PATHS {
        return None;
    }
    // The decoder wants a time stamp, which only matters for writing.
    let timestamp = State::new(Kind::Sha1).timestamp();
    // One thread: what is gained by more is less than what their start costs.
    let options = Options { thread_limit: Some(1), ..Options::default() };
    let (index, _) = State::from_bytes(&bytes, timestamp, Kind::Sha1, options).ok()?;
    index.link().is_none().then_some(index)
}

/// A path in the form of the index: `/` between its parts.
fn index_name(path: &Path) -> Vec<u8> {
    let parts: Vec<&[u8]> =
        path.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
    parts.join(&b'/')
}

/// Whether the SHA-1 at the end fits. With `index.skipHash` it is all zeros, and nothing is known;
/// then 32 zeros would be those of a SHA-256 repository, whose index looks much the same.
fn is_intact(bytes: &[u8]) -> bool {
    let Some((content, sum)) = bytes.split_last_chunk::<20>() else {
        return false;
    };
    if sum.iter().all(|byte| *byte == 0) {
        return !content.ends_with(&[0; 12]);
    }
    let mut hasher = hasher(Kind::Sha1);
    hasher.update(content);
    hasher.try_finalize().is_ok_and(|found| found.as_slice() == sum)
}

/// How many bytes the paths of an index take in memory; `None` when it is cut short.
///
/// In version 4 a path only says how much it shares with the one before (gitformat-index(5)), so a
/// megabyte can stand for gigabytes, and `gix-index` 0.58.0 expands them without a limit: the process
/// would be killed.
fn expanded_paths(bytes: &[u8]) -> Option<u64> {
    const STATS_AND_HASH: usize = 40 + 20;
    const EXTENDED: u8 = 0x40;
    let (header, mut rest) = bytes.split_first_chunk::<12>()?;
    let [.., a, b, c, d] = *header;
    if !header.starts_with(b"DIRC\0\0\0\x04") {
        return Some(bytes.len() as u64);
    }
    let mut total = 0_u64;
    let mut length = 0_u64;
    for _ in 0..u32::from_be_bytes([a, b, c, d]) {
        rest = rest.get(STATS_AND_HASH..)?;
        let flags = *rest.first()?;
        rest = rest.get(if flags & EXTENDED == 0 { 2 } else { 4 }..)?;
        let mut stripped = 0_u64;
        loop {
            let (byte, after) = rest.split_first()?;
            rest = after;
            stripped = stripped.checked_shl(7)?.checked_add(u64::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                break;
            }
            stripped = stripped.checked_add(1)?;
        }
        let suffix = rest.iter().position(|byte| *byte == 0)?;
        rest = rest.get(suffix + 1..)?;
        length = length.saturating_sub(stripped) + suffix as u64;
        total = total.checked_add(length)?;
        if total > limits::GIT_INDEX_PATHS {
            break;
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;

    /// An index of the given version that lists `paths`, sorted, as git 2.47 writes it.
    fn index(version: u32, paths: &[&str]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
        let mut before = "";
        for path in paths {
            let start = bytes.len();
            bytes.extend([0; 24]);
            bytes.extend(0o100_644_u32.to_be_bytes());
            bytes.extend([0; 12]);
            bytes.extend([7; 20]);
            bytes.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
            if version == 4 {
                let shared = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
                bytes.push(u8::try_from(before.len() - shared).unwrap());
                bytes.extend(&path.as_bytes()[shared..]);
                bytes.push(0);
                before = path;
            } else {
                bytes.extend(path.as_bytes());
                let length = bytes.len() - start;
                bytes.resize(start + (length + 8) / 8 * 8, 0);
            }
        }
        with_sum(bytes)
    }

    fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
        let mut hasher = hasher(Kind::Sha1);
        hasher.update(&bytes);
        bytes.extend(hasher.try_finalize().unwrap().as_slice());
        bytes
    }

    fn ask(index: &[u8], paths: &[&str]) -> Vec<Tracked> {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".git")).unwrap();
        fs::write(dir.path().join(".git/index"), index).unwrap();
        let paths: Vec<PathBuf> = paths.iter().map(|path| dir.path().join(path)).collect();
        tracked(dir.path(), &paths.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    }

    #[test]
    fn what_the_index_lists_is_tracked() {
        let listed = [".env", "dags/a.py", "dags/b.py", "prod.env"];
        for version in [2, 4] {
            let answers = ask(&index(version, &listed), &[".env", "dags", "dags/b.py", "dev.env"]);
            assert_eq!(
                answers,
                [Tracked::Yes, Tracked::No, Tracked::Yes, Tracked::No],
                "{version}"
            );
        }
        assert_eq!(ask(&index(2, &listed), &["/elsewhere/.env"]), [Tracked::Unknown]);
    }

    #[test]
    fn an_index_that_cannot_be_trusted_says_nothing() {
        let good = index(2, &[".env"]);
        let mut damaged = good.clone();
        damaged[70] ^= 1;
        let mut unsummed = good.clone();
        let sum = unsummed.len() - 20;
        unsummed[sum..].fill(0);
        let mut split = good[..sum].to_vec();
        split.extend(b"link\0\0\0\x14");
        split.extend([9; 20]);
        let mut sparse = good[..sum].to_vec();
        sparse.extend(b"sdir\0\0\0\0");
        let mut sha256 = vec![1; 100];
        sha256.extend([0; 32]);
        for (what, index, listed, other) in [
            ("empty", Vec::new(), Tracked::Unknown, Tracked::Unknown),
            ("damaged", damaged, Tracked::Unknown, Tracked::Unknown),
            ("cut", good[..sum].to_vec(), Tracked::Unknown, Tracked::Unknown),
            ("split", with_sum(split), Tracked::Unknown, Tracked::Unknown),
            ("sparse", with_sum(sparse), Tracked::Yes, Tracked::Unknown),
            ("without a sum", unsummed, Tracked::Yes, Tracked::No),
            ("without a sum, SHA-256", sha256, Tracked::Unknown, Tracked::Unknown),
            ("good", good, Tracked::Yes, Tracked::No),
        ] {
            assert_eq!(ask(&index, &[".env", "other"]), [listed, other], "{what}");
        }
    }

    #[test]
    fn without_an_index_nothing_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        assert_eq!(tracked(dir.path(), &[&path]), [Tracked::Unknown]);
        fs::create_dir(dir.path().join(".git")).unwrap();
        assert_eq!(tracked(dir.path(), &[&path]), [Tracked::Unknown]);
        fs::remove_dir(dir.path().join(".git")).unwrap();
        fs::write(dir.path().join(".git"), "gitdir: /elsewhere/.git/worktrees/w\n").unwrap();
        assert_eq!(tracked(dir.path(), &[&path]), [Tracked::Unknown]);
    }

    #[test]
    fn paths_that_would_expand_to_gigabytes_are_refused() {
        let long = "a".repeat(200_000);
        let mut bytes = b"DIRC\0\0\0\x04".to_vec();
        bytes.extend(10_000_u32.to_be_bytes());
        for at in 0..10_000 {
            bytes.extend([0; 60]);
            bytes.extend([0x0f, 0xff, 0]);
            bytes.extend(if at == 0 { long.as_bytes() } else { b"b" });
            bytes.push(0);
        }
        assert_eq!(ask(&with_sum(bytes), &[".env"]), [Tracked::Unknown]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            version in 2_u32..=4, changes in prop::collection::vec((0_usize..400, any::<u8>()), 0..4)
        ) {
            let mut bytes = index(version, &[".env", "dags/a.py", "dags/b.py"]);
            bytes.truncate(bytes.len() - 20);
            for (at, byte) in changes {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            ask(&with_sum(bytes), &[".env"]);
        }
    }
}
