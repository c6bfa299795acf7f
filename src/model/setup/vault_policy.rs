//! Policies of Vault: `path "secret/*" { capabilities = ["read"] }` (`HashiCorp`, "Policies").

use crate::model::{FileId, Place};
use crate::read::hcl::{self, ExpressionKind};
use crate::text::{Text, TextBuilder, Value};

/// A policy.
#[derive(Debug)]
pub struct VaultPolicy {
    /// Its paths, in order.
    pub paths: Vec<VaultPath>,
    /// Whether these are all of them; otherwise only running things can tell the rest.
    pub is_complete: bool,
}

/// A path of a policy.
#[derive(Debug)]
pub struct VaultPath {
    /// The path, in which `*` at the end stands for any text and `+` for one segment.
    pub path: Value,
    /// Whether it may be read; `None` where that is not known.
    pub may_be_read: Option<bool>,
    /// Where it is written.
    pub place: Place,
}

impl VaultPolicy {
    /// A policy of which nothing is known.
    pub(super) const fn unknown() -> Self {
        Self { paths: Vec::new(), is_complete: false }
    }

    /// Reads the policy `text`, which stands in `file`.
    pub(super) fn read(text: &Text, file: FileId) -> Self {
        let hcl = hcl::read(text.expose());
        let blocks = hcl.body.blocks.iter();
        let paths = blocks.filter(|block| block.kind.node == "path").filter_map(|block| {
            let label = block.labels.first()?;
            // Without its quotes.
            let range = label.span.start + 1..label.span.end.checked_sub(1)?;
            let span = text.span_of(range.clone());
            let mut builder = TextBuilder::default();
            builder.copy(text, range);
            Some(VaultPath {
                path: Value::of(builder.finish(span)),
                may_be_read: may_be_read(block),
                place: Place::new(file, span),
            })
        });
        let paths: Vec<VaultPath> = paths.collect();
        let is_complete = hcl.errors.is_empty() && paths.len() == hcl.body.blocks.len();
        Self { paths, is_complete }
    }
}

/// Whether the capabilities of a path hold `read`, and not `deny`.
fn may_be_read(block: &hcl::Block) -> Option<bool> {
    let capabilities = block.body.get("capabilities")?;
    let ExpressionKind::List(list) = &capabilities.kind else { return None };
    let mut reads = false;
    for capability in list {
        match &capability.kind {
            ExpressionKind::Text(text) if text.expose() == "deny" => return Some(false),
            ExpressionKind::Text(text) => {
                reads |= ["read", "sudo", "root"].contains(&text.expose());
            }
            _ => return None,
        }
    }
    Some(reads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_their_capabilities_and_places() {
        let text = "path \"secret/*\" {\n  capabilities = [\"create\", \"read\"]\n}\npath \"a/+/b\" { capabilities = [\"list\"] }\npath \"c\" { policy = \"read\" }\n";
        let policy = VaultPolicy::read(&Text::verbatim(text, 0), FileId(0));
        let told: Vec<_> = policy
            .paths
            .iter()
            .map(|it| (it.path.text().expose(), it.may_be_read, it.place.span.of(text)))
            .collect();
        assert_eq!(
            told,
            [
                ("secret/*", Some(true), "secret/*"),
                ("a/+/b", Some(false), "a/+/b"),
                ("c", None, "c")
            ]
        );
        assert!(policy.is_complete);
        assert!(!VaultPolicy::read(&Text::verbatim("path {", 0), FileId(0)).is_complete);
    }
}
