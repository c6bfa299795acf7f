//! How things are written, where that matters beside what they mean.

use super::{AirflowCfg, Dockerfile, EnvFile, FileId, FileKind, Model, Origin, Setting, Settings};
use crate::read::cfg::ErrorKind;
use crate::read::json;
use crate::text::Span;

/// The folders that Airflow puts on `sys.path`, but only when its settings are loaded
/// (`prepare_syspath`, 2.0.0 to 3.3.2).
const LATE_FOLDERS: [&str; 3] = ["dags", "plugins", "config"];

impl Model {
    /// Whether Docker or a shell makes something else of the value of `setting` than is written: it takes
    /// the quotes out of JSON or splits it, or takes the `=` of `ENV key = value` into the value.
    #[must_use]
    pub fn is_changed_on_its_way(&self, setting: &Setting) -> bool {
        let mut broken = self.setup.broken_json.iter();
        let by_shell = broken.any(|broken| {
            broken.statement.file == setting.file
                && broken.statement.span.contains(setting.value_span)
        });
        by_shell || self.is_changed_by_docker(setting)
    }

    fn is_changed_by_docker(&self, setting: &Setting) -> bool {
        self.dockerfiles
            .iter()
            .filter(|dockerfile| dockerfile.file == setting.file)
            .flat_map(Dockerfile::env)
            .filter(|pair| pair.key.span == setting.key_span)
            .any(|pair| pair.quoting_broke_json || pair.begins_with_equals())
    }

    /// Whether the value of `setting` may be JSON, depending on variables that `settings` do not
    /// hold.
    #[must_use]
    pub fn is_json_with_variables(&self, setting: &Setting, settings: &Settings) -> bool {
        // What a script knows of its variables stands in the value.
        if setting.origin == Origin::Command {
            return false;
        }
        let written = setting.value_span.of(self.files.get(setting.file).text());
        let (filled, names) = fill_variables(written.trim_matches(['"', '\'']));
        names.iter().any(|name| settings.get(name).is_none())
            && [filled.replace("\\\"", "\""), filled].iter().any(|text| json::parse(text).is_ok())
    }

    /// Why Python does not load the `airflow.cfg` that `setting` stands in, if it does not.
    #[must_use]
    pub fn cfg_load_error(&self, setting: &Setting) -> Option<&'static str> {
        let cfg = self.cfg.as_ref().filter(|cfg| cfg.file == setting.file)?;
        Some(match cfg.document.load_error()?.kind {
            ErrorKind::MissingSectionHeader => "MissingSectionHeaderError",
            ErrorKind::DuplicateSection { .. } => "DuplicateSectionError",
            ErrorKind::DuplicateOption { .. } => "DuplicateOptionError",
            _ => "ParsingError",
        })
    }

    /// Whether an env file or a Dockerfile refers to the variable `key`.
    #[must_use]
    pub fn is_referred_to(&self, key: &str) -> bool {
        let files = self.env_files.iter().map(|file| file.file);
        let mut files = files.chain(self.dockerfiles.iter().map(|file| file.file));
        files.any(|file| {
            let text = self.files.get(file).text();
            [format!("${key}"), format!("${{{key}")].iter().any(|reference| {
                text.match_indices(reference.as_str()).any(|(at, _)| {
                    let behind = text.get(at + reference.len()..).unwrap_or("");
                    !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                })
            })
        })
    }

    /// How often the files that were read hold the word `word`.
    #[must_use]
    pub fn mentions(&self, word: &str) -> usize {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let in_text = |text: &str| {
            let found = text.match_indices(word).filter(|(at, _)| {
                !text.get(..*at).is_some_and(|before| before.ends_with(is_letter))
                    && !text.get(at + word.len()..).is_some_and(|it| it.starts_with(is_letter))
            });
            found.count()
        };
        self.files.iter().map(|(_, file)| in_text(file.text())).sum()
    }

    /// Whether a comment of `file` holds an assignment to `key`.
    #[must_use]
    pub fn is_commented_out(&self, file: FileId, key: &str) -> bool {
        self.files.get(file).text().lines().map(str::trim_start).any(|line| {
            line.starts_with('#') && assigns(line.trim_start_matches(['#', ' ', '\t']), key)
        })
    }

    /// Whether a line of `file` that is no comment holds an assignment to `key`. Where no setting came
    /// of it, the line cannot be read as it is meant, and another rule says so.
    #[must_use]
    pub fn is_written_in(&self, file: FileId, key: &str) -> bool {
        self.files.get(file).text().lines().any(|line| assigns(line.trim_start(), key))
    }

    /// The folder of the project, among those that join `sys.path` late, in which the Python module
    /// `module` (dotted) lies.
    #[must_use]
    pub fn late_folder_of(&self, module: &str) -> Option<&'static str> {
        let is_name =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !module.split('.').all(is_name) {
            return None;
        }
        let below: std::path::PathBuf = module.split('.').collect();
        LATE_FOLDERS.into_iter().find(|folder| {
            let path = self.root.join(folder).join(&below);
            path.with_extension("py").is_file() || path.join("__init__.py").is_file()
        })
    }

    /// Whether a Dockerfile or the requirements mention `word`, so that it may be installed.
    #[must_use]
    pub fn installation_mentions(&self, word: &str) -> bool {
        let kinds = [FileKind::Dockerfile, FileKind::Requirements];
        self.files.iter().any(|(_, file)| {
            kinds.contains(&file.kind())
                && file.text().lines().any(|line| {
                    let is_setting = line.contains("AIRFLOW__");
                    !is_setting && line.contains(word)
                })
        })
    }

    /// `edits` inside the value of `setting`, and those that delete the quotes around it; `None` where
    /// it stands in none.
    #[must_use]
    pub fn without_quotes(
        &self,
        setting: &Setting,
        edits: &[(Span, String)],
    ) -> Option<Vec<(Span, String)>> {
        let text = self.files.get(setting.file).text();
        let content = setting.value.text().span();
        let open = Span::new(content.start.checked_sub(1)?, content.start);
        let close = Span::new(content.end, content.end + 1);
        let quotes = [text.get(open.start..open.end)?, text.get(close.start..close.end)?];
        let delete = |span| (span, String::new());
        matches!(quotes, ["\"", "\""] | ["'", "'"])
            .then(|| [&[delete(open)], edits, &[delete(close)]].concat())
    }

    /// What `setting` would be after `edits` of its file, which neither overlap nor are out of order.
    /// `None` when it would no longer be there, when programs that agree on it now would not agree
    /// then, or when the file is of a kind that is not read again.
    #[must_use]
    pub fn setting_after(&self, setting: &Setting, edits: &[(Span, String)]) -> Option<Setting> {
        let source = self.files.get(setting.file);
        let text = edited(source.text(), edits);
        let of_key = |settings: Vec<Setting>| settings.into_iter().rfind(|s| s.key == setting.key);
        match source.kind() {
            FileKind::Env | FileKind::EnvTemplate => {
                let now = self.env_files.iter().find(|file| file.file == setting.file)?;
                let then = EnvFile::read(setting.file, now.template, &text);
                let opinions = |file: &EnvFile| {
                    let mut all = file.comparison.differences.iter();
                    let differs = all.find(|one| one.key.node == setting.key);
                    (differs.map_or(1, |one| one.groups.len()), file.comparison.faults.len())
                };
                let ((then_groups, then_faults), (groups, faults)) =
                    (opinions(&then), opinions(now));
                (then_groups <= groups && then_faults <= faults)
                    .then(|| of_key(then.settings()))
                    .flatten()
            }
            FileKind::Dockerfile => {
                of_key(Dockerfile::read(setting.file, &text).settings().collect())
            }
            FileKind::AirflowCfg => {
                let document = crate::read::cfg::read(&text);
                AirflowCfg { file: setting.file, document }.settings().get(&setting.key).cloned()
            }
            kind => {
                let same = |it: &&Setting| it.key == setting.key;
                let now = self.setup.settings_in(setting.file).filter(same);
                let number = now.take_while(|it| it.key_span != setting.key_span).count();
                let then = self.setup.instead(setting.file, kind, source.path(), &text);
                then.settings_in(setting.file).filter(same).nth(number).cloned()
            }
        }
    }
}

/// `text` with a number in the place of each `$NAME` and `${NAME…}`, and the names.
fn fill_variables(text: &str) -> (String, Vec<&str>) {
    let mut filled = String::with_capacity(text.len());
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('$') {
        filled.push_str(before);
        filled.push('0');
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name_of = |text: &'_ str| text.find(|c| !is_letter(c)).unwrap_or(text.len());
        rest = if let Some((inside, behind)) =
            behind.strip_prefix('{').and_then(|inner| inner.split_once('}'))
        {
            names.extend(inside.get(..name_of(inside)));
            behind
        } else {
            let (name, behind) = behind.split_at(name_of(behind));
            names.push(name);
            behind
        };
    }
    (filled + rest, names)
}

fn edited(text: &str, edits: &[(Span, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (span, replacement) in edits {
        out.push_str(Span::new(end, span.start).of(text));
        out.push_str(replacement);
        end = span.end;
    }
    out + Span::new(end, text.len()).of(text)
}

/// Whether `line` is an assignment to `key`, as a shell, a Dockerfile or an env file writes it.
fn assigns(line: &str, key: &str) -> bool {
    let words = ["ENV ", "export "];
    let assignment = words.iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line);
    let rest = assignment.trim_start().strip_prefix(key);
    rest.is_some_and(|rest| rest.trim_start().starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled() {
        for (text, filled, names) in [
            ("{\"a\": $B, \"c\": \"${D:-e}x\"}", "{\"a\": 0, \"c\": \"0x\"}", vec!["B", "D"]),
            ("${open", "0{open", vec![""]),
            ("plain", "plain", vec![]),
        ] {
            assert_eq!(fill_variables(text), (filled.to_owned(), names), "{text}");
        }
    }

    #[test]
    fn edits_are_made_in_order() {
        let edits = [(Span::new(0, 1), "\"".to_owned()), (Span::at(2), "-".to_owned())];
        assert_eq!(edited("'ab", &edits), "\"a-b");
    }
}
