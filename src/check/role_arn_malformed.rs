//! See `rules/role-arn-malformed.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::{Effect, aws};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "role-arn-malformed",
    level: Level::Warning,
    group: Group::Backend,
    summary: "`role_arn` is not the ARN of an IAM role",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/role-arn-malformed.md"),
    check,
};

/// STS takes no shorter ARN (botocore's model of `AssumeRole`).
const SHORTEST: usize = 20;

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let keywords = environment.keywords(configured);
        let role = keywords.iter().find(|kwarg| kwarg.name == "role_arn");
        let read = environment
            .effects(configured, "role_arn")
            .is_some_and(|effects| effects.any(&[Effect::Used, Effect::Deprecated]));
        let Some(kwarg) = role.filter(|kwarg| {
            read && kwarg.placeholders().is_empty() && kwarg.unexpanded().is_empty()
        }) else {
            continue;
        };
        let Some(arn) = kwarg.plain().filter(|arn| !arn.is_empty()) else { continue };
        let Some(fault) = fault(arn) else { continue };
        let consequence = if arn.len() < SHORTEST {
            "every lookup fails with ParamValidationError, before anything is sent"
        } else {
            "STS refuses to assume the role, so every lookup fails"
        };
        findings.push(
            Finding::new(&RULE, kwarg.value_place, format!("`role_arn` is not the ARN of a role: {fault}"))
                .in_environment(&environment.name)
                .label("not an ARN of a role")
                .note(consequence)
                .help("write `arn:aws:iam::<12-digit account>:role/<name>`"),
        );
    }
}

/// What keeps `arn` from being `arn:<partition>:iam::<account>:role/<path and name>`.
fn fault(arn: &str) -> Option<String> {
    if arn.trim() != arn {
        return Some("it begins or ends with a blank".to_owned());
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = parts.as_slice() else {
        return Some(if parts.first() == Some(&"arn") {
            "it has too few parts".to_owned()
        } else {
            "it does not begin with `arn:`".to_owned()
        });
    };
    if !aws().has_partition(partition) {
        return Some(format!("`{partition}` is no partition of AWS"));
    }
    if *service != "iam" {
        return Some(format!("its service is `{service}`, not `iam`"));
    }
    if !region.is_empty() {
        return Some(format!("IAM has no regions, but it names `{region}`"));
    }
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("the account is not a number of 12 digits".to_owned());
    }
    let Some(path) = resource.strip_prefix("role/") else {
        let kind = resource.split(['/', ':']).next().unwrap_or_default();
        return Some(format!("it names a `{kind}`, not a `role`"));
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty() || name.len() > 64 || !name.chars().all(legal) {
        return Some("the role's name is empty, too long or holds other characters than IAM allows".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_roles_follow_the_grammar() {
        for arn in [
            "arn:aws:iam::123456789012:role/airflow",
            "arn:aws-cn:iam::123456789012:role/service/path/airflow_secrets",
            "arn:aws-us-gov:iam::000000000000:role/a+b=c,d.e@f-g",
        ] {
            assert_eq!(fault(arn), None, "{arn}");
        }
        for (arn, part) in [
            ("airflow-role", "`arn:`"),
            (" arn:aws:iam::123456789012:role/r", "blank"),
            ("arn:aws:iam::123456789012", "few"),
            ("arn:amazon:iam::123456789012:role/r", "partition"),
            ("arn:aws:sts::123456789012:assumed-role/r/s", "service"),
            ("arn:aws:iam:eu-west-1:123456789012:role/r", "regions"),
            ("arn:aws:iam::12345:role/r", "12 digits"),
            ("arn:aws:iam::123456789012:user/ada", "`user`"),
            ("arn:aws:iam::123456789012:role/", "name"),
            ("arn:aws:iam::123456789012:role/a b", "name"),
        ] {
            assert!(fault(arn).is_some_and(|fault| fault.contains(part)), "{arn}");
        }
    }
}
