//! Whether git tracks a file, from the index of the repository. No program is started.

use std::path::Path;

use sha1::{Digest, Sha1};

use crate::discover::{git_directory, read_bytes};
use crate::hash::HashMap;
use crate::limits;

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
    let names: Vec<Option<Vec<u8>>> =
        paths.iter().map(|path| path.strip_prefix(repository).ok().map(index_name)).collect();
    let mut listed: HashMap<&[u8], bool> =
        names.iter().flatten().map(|name| (name.as_slice(), false)).collect();
    let longest = listed.keys().map(|name| name.len()).max().unwrap_or(0);
    let mark = |path: &[u8]| {
        if path.len() <= longest
            && let Some(found) = listed.get_mut(path)
        {
            *found = true;
        }
    };
    let absent = match read_index(repository).and_then(|index| entries(&index, mark)) {
        None => return unknown(),
        Some(Extent::Whole) => Tracked::No,
        Some(Extent::Sparse) => Tracked::Unknown,
    };
    names
        .iter()
        .map(|name| match name.as_ref().and_then(|name| listed.get(name.as_slice())) {
            Some(true) => Tracked::Yes,
            Some(false) => absent,
            None => Tracked::Unknown,
        })
        .collect()
}

/// How much of the repository an index lists.
enum Extent {
    /// Everything.
    Whole,
    /// Directories may stand for what is in them.
    Sparse,
}

/// The bytes of the index, without the sum at its end.
fn read_index(repository: &Path) -> Option<Vec<u8>> {
    let path = git_directory(repository)?.own.join("index");
    let mut bytes = read_bytes(&path, limits::GIT_INDEX).ok()?;
    let (content, sum) = bytes.split_last_chunk::<20>()?;
    // With `index.skipHash` it is all zeros, and nothing is known of the content; then 32 zeros would
    // be those of a SHA-256 repository, whose index looks much the same.
    let intact = if sum.iter().all(|byte| *byte == 0) {
        !content.ends_with(&[0; 12])
    } else {
        Sha1::digest(content).as_slice() == sum
    };
    bytes.truncate(bytes.len() - 20);
    intact.then_some(bytes)
}

/// Calls `seen` with the path of each entry of an index of version 2, 3 or 4 (gitformat-index(5) of
/// git 2.47); `None` when it is damaged or asks for something that is not understood.
///
/// One path is held at a time: in version 4 a path only says how much it shares with the one before,
/// so that a megabyte can stand for gigabytes.
fn entries(index: &[u8], mut seen: impl FnMut(&[u8])) -> Option<Extent> {
    const STATS_AND_HASH: usize = 40 + 20;
    const EXTENDED: u8 = 0x40;
    let (header, mut rest) = index.split_first_chunk::<12>()?;
    let [b'D', b'I', b'R', b'C', 0, 0, 0, version @ 2..=4, count @ ..] = *header else {
        return None;
    };
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..u32::from_be_bytes(count) {
        let entry = rest;
        rest = rest.get(STATS_AND_HASH..)?;
        let extended = rest.first()? & EXTENDED != 0;
        rest = rest.get(if extended { 4 } else { 2 }..)?;
        if version == 4 {
            let stripped;
            (stripped, rest) = variable_length(rest)?;
            path.truncate(path.len().checked_sub(stripped)?);
        } else {
            path.clear();
        }
        let end = rest.iter().position(|byte| *byte == 0)?;
        path.extend_from_slice(rest.get(..end)?);
        if path.len() > limits::GIT_PATH {
            return None;
        }
        seen(&path);
        rest = if version == 4 {
            rest.get(end + 1..)?
        } else {
            // Padded with at least one zero to a multiple of eight bytes.
            let length = entry.len() - rest.len() + end;
            entry.get((length + 8) / 8 * 8..)?
        };
    }
    extensions(rest)
}

/// A number in the form that git calls "offset encoding", and what follows it.
fn variable_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        number = number.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
        number = number.checked_add(1)?;
    }
    None
}

/// What the extensions say about the extent. One that begins with a small letter must be understood:
/// `sdir` makes the index sparse, `link` splits it over two files.
fn extensions(mut rest: &[u8]) -> Option<Extent> {
    let mut extent = Extent::Whole;
    while let Some((&[a, b, c, d, size @ ..], content)) = rest.split_first_chunk::<8>() {
        match [a, b, c, d] {
            [b's', b'd', b'i', b'r'] => extent = Extent::Sparse,
            [first, ..] if !first.is_ascii_uppercase() => return None,
            _ => {}
        }
        rest = content.get(usize::try_from(u32::from_be_bytes(size)).ok()?..)?;
    }
    rest.is_empty().then_some(extent)
}

/// A path in the form of the index: `/` between its parts.
fn index_name(path: &Path) -> Vec<u8> {
    let parts: Vec<&[u8]> =
        path.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
    parts.join(&b'/')
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
        bytes.extend(Sha1::digest(&bytes).as_slice());
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
