//! Which statement closes which.

use super::Fault;
use super::lexer::refused;
use super::tree::StatementKind;
use crate::text::Span;

/// The statements that are open.
#[derive(Default)]
pub(super) struct Nesting {
    open: Vec<(String, Span)>,
    /// Whether there was a tag of an extension: it may open and close things of its own.
    has_others: bool,
}

impl Nesting {
    /// Takes over the next statement, whose tag is called `tag`.
    ///
    /// # Errors
    /// When Jinja refuses it in this place.
    pub(super) fn take(
        &mut self,
        tag: &str,
        kind: &StatementKind,
        span: Span,
    ) -> Result<(), Fault> {
        let innermost = self.open.last().map_or("", |(tag, _)| tag.as_str());
        let fits = match kind {
            StatementKind::If(_)
            | StatementKind::For { .. }
            | StatementKind::SetBlock(_)
            | StatementKind::Macro { .. }
            | StatementKind::Call { .. }
            | StatementKind::With(_)
            | StatementKind::Block(_) => {
                self.open.push((tag.to_owned(), span));
                true
            }
            StatementKind::Elif(_) => innermost == "if",
            StatementKind::Else => innermost == "if" || innermost == "for",
            StatementKind::End => {
                let fits = tag.strip_prefix("end") == Some(innermost);
                if fits {
                    self.open.pop();
                }
                fits
            }
            StatementKind::Other => {
                self.has_others = true;
                true
            }
            StatementKind::Value(_) | StatementKind::Set(..) | StatementKind::Import(_) => true,
        };
        if fits || self.has_others {
            return Ok(());
        }
        Err(refused("this closes nothing that is open here", span))
    }

    /// What is wrong at the end of the template.
    pub(super) fn left_open(&self) -> Option<Fault> {
        let (_, span) = self.open.last().filter(|_| !self.has_others)?;
        Some(refused("this is never closed", *span))
    }
}
