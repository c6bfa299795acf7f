//! Which quotes can be put into a template where it stands.

use super::{FileKind, Model, Place};
use crate::read::python::hidden;
use crate::text::LineIndex;

impl Model {
    /// A quote that can be put around `name` in the template at `place`, behind a dot, without ending the
    /// string around it. `None` when it does not stand there as it is, or where that cannot be told.
    #[must_use]
    pub fn quote_inside(&self, place: Place, name: &str) -> Option<char> {
        let file = self.files.get(place.file);
        let text = file.text();
        if !text.get(..place.span.start)?.ends_with('.') || place.span.of(text) != name {
            return None;
        }
        let other = |quote: char| if quote == '"' { '\'' } else { '"' };
        match file.kind() {
            FileKind::Python => {
                let strings = hidden(text);
                let string = strings.iter().find(|string| string.contains(place.span))?;
                let before = text.get(..string.start)?.chars().next_back()?;
                ['"', '\''].contains(&before).then(|| other(before))
            }
            // A value may have quotes around it, with the template in a part of it.
            FileKind::Data => {
                let lines = LineIndex::new(text);
                let line = lines.line_span(lines.line(place.span.start), text).of(text);
                ['\'', '"'].into_iter().find(|quote| !line.contains(*quote))
            }
            _ => Some('\''),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::discover::{Marker, ProjectFiles};
    use crate::text::Span;

    #[test]
    fn quotes_do_not_end_the_string() {
        for (kind, text, expected) in [
            (FileKind::Python, "x = \"{{ a.b }}\"", Some('\'')),
            (FileKind::Python, "x = '{{ a.b }}'", Some('"')),
            (FileKind::Python, "x = f'''{{ a.b }}'''", Some('"')),
            (FileKind::Python, "x = f\"{y}{{{{ a.b }}\"", None),
            (FileKind::Python, "x = a.b", None),
            (FileKind::Template, "{{ a.b }} 'x' \"y\"", Some('\'')),
            (FileKind::Template, "{{ a b }}", None),
            (FileKind::Data, "x: {{ a.b }}", Some('\'')),
            (FileKind::Data, "x: '{{ a.b }}'", Some('"')),
            (FileKind::Data, "x: \"{{ a.b }}\" # '", None),
        ] {
            let files = ProjectFiles {
                root: PathBuf::new(),
                marker: Marker::AstroConfig,
                repository: None,
                files: Vec::new(),
            };
            let mut model = Model::read(&files, &crate::discover::Overlays::default(), 1);
            let file = model.files.add(PathBuf::new(), kind, text.to_owned());
            let at = text.find('b').unwrap();
            let place = Place::new(file, Span::new(at, at + 1));
            assert_eq!(model.quote_inside(place, "b"), expected, "{text}");
        }
    }
}
