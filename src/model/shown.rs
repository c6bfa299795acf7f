//! What of each file may be shown.

use super::FileId;
use crate::hash::HashMap;
use crate::text::Span;

/// The parts of each file that hold no credential for certain: keys, harmless values, code.
///
/// It is an allow-list: what is in no span here is masked wherever source text is shown, and of a
/// file without spans nothing is shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Sorted, neither overlapping nor touching.
    spans: HashMap<FileId, Vec<Span>>,
}

impl Shown {
    /// Allows `spans` of `file`, in any order, beside those already allowed.
    pub fn allow(&mut self, file: FileId, spans: impl IntoIterator<Item = Span>) {
        let known = self.spans.entry(file).or_default();
        known.extend(spans.into_iter().filter(|span| span.start < span.end));
        known.sort_unstable();
        known.dedup_by(|next, kept| {
            let touches = next.start <= kept.end;
            if touches {
                *kept = kept.cover(*next);
            }
            touches
        });
    }

    /// What may be shown of `file`: sorted spans that do not touch one another.
    #[must_use]
    pub fn of(&self, file: FileId) -> &[Span] {
        self.spans.get(&file).map_or(&[], Vec::as_slice)
    }

    /// Whether all of `span` of `file` may be shown.
    #[must_use]
    pub fn allows(&self, file: FileId, span: Span) -> bool {
        let spans = self.of(file);
        let first = spans.partition_point(|it| it.end <= span.start);
        spans.get(first).is_some_and(|it| it.contains(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_sorted_and_joined() {
        let mut shown = Shown::default();
        shown.allow(FileId(0), [Span::new(8, 9), Span::new(4, 6), Span::at(2)]);
        shown.allow(FileId(0), [Span::new(0, 1), Span::new(5, 8)]);
        assert_eq!(shown.of(FileId(0)), [Span::new(0, 1), Span::new(4, 9)]);
        assert!(shown.of(FileId(1)).is_empty());
        for (span, expected) in
            [(Span::new(4, 9), true), (Span::new(0, 2), false), (Span::new(8, 10), false)]
        {
            assert_eq!(shown.allows(FileId(0), span), expected, "{span:?}");
        }
    }
}
