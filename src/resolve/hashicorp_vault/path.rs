//! The path that Vault's client asks its server for.

/// The version of the key-value engine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Engine {
    /// Paths are taken as they are.
    V1,
    /// `data` stands between mount and path.
    V2,
}

/// The path behind `/v1/` of the secret `path` in `mount`.
///
/// hvac 0.11 to 2.3 makes one slash of two and drops those at the end; requests resolves `.` and
/// `..` (RFC 3986, 5.2.4), even across the mount and `/v1`.
#[must_use]
pub(super) fn api_path(engine: Engine, mount: &str, path: &str) -> String {
    let url = match engine {
        Engine::V1 => format!("/v1/{mount}/{path}"),
        Engine::V2 => format!("/v1/{mount}/data/{path}"),
    };
    let url = url.replace("//", "/");
    let resolved = without_dots(url.trim_end_matches('/'));
    match resolved.strip_prefix("/v1/") {
        Some(path) => path.to_owned(),
        None => resolved,
    }
}

/// `path` without `.` and `..` segments.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    if path.starts_with('/') && kept.first().is_none_or(|first| !first.is_empty()) {
        kept.insert(0, "");
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        kept.push("");
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_that_reach_the_server() {
        for (engine, mount, path, expected) in [
            (Engine::V2, "secret", "variables/hello", "secret/data/variables/hello"),
            (Engine::V1, "secret", "variables/hello", "secret/variables/hello"),
            (Engine::V2, "secret", "variables//hello", "secret/data/variables/hello"),
            (Engine::V2, "secret", "variables/../x", "secret/data/x"),
            (Engine::V2, "secret", "a/b/..", "secret/data/a/"),
            (Engine::V2, "..", "variables/x", "/data/variables/x"),
            (Engine::V1, "secret", "variables/", "secret/variables"),
            (Engine::V2, "", "variables/hello", "data/variables/hello"),
        ] {
            assert_eq!(api_path(engine, mount, path), expected, "{mount} {path}");
        }
    }
}
