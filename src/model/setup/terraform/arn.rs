//! Attributes of resources that are known in part: the ARN of a secret whose name is known.

use super::module::Module;
use super::term::ResourceTerm;
use crate::model::Place;
use crate::text::{Text, UNKNOWN};

impl Module<'_> {
    /// The text of what is taken of a resource.
    pub(super) fn resource_text(&self, resource: &ResourceTerm, place: Place) -> Text {
        let text = self.arn(resource).unwrap_or_else(|| UNKNOWN.to_string());
        Text::produced_by(text, place.span)
    }

    /// The ARN of a secret, parameter or role whose name is known.
    fn arn(&self, resource: &ResourceTerm) -> Option<String> {
        let kind = resource.address.split('.').next()?;
        let attribute = resource.attribute.as_str();
        let (declared, instance) = self.instance_of(resource)?;
        let name = |name: &str| {
            let value = declared.body().get(name)?;
            let term = self.deeper(|| self.evaluate(value, declared.scope(&instance)));
            let text = term.located().map(|it| it.raw().to_owned());
            self.spend(text.as_ref().map_or(0, String::len));
            text
        };
        match (kind, attribute) {
            ("aws_secretsmanager_secret", "arn" | "id") => Some(format!(
                "arn:{UNKNOWN}:secretsmanager:{UNKNOWN}:{UNKNOWN}:secret:{}-{UNKNOWN}",
                name("name")?
            )),
            ("aws_ssm_parameter", "arn") => {
                let name = name("name")?;
                let slash = if name.starts_with('/') { "" } else { "/" };
                Some(format!("arn:{UNKNOWN}:ssm:{UNKNOWN}:{UNKNOWN}:parameter{slash}{name}"))
            }
            ("aws_iam_role", "arn") => {
                let path = name("path").unwrap_or_else(|| "/".to_owned());
                Some(format!("arn:{UNKNOWN}:iam::{UNKNOWN}:role{path}{}", name("name")?))
            }
            ("aws_iam_role" | "aws_ssm_parameter", "id") => name("name"),
            _ => None,
        }
    }
}
