//! AWS regions and partitions.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

/// Facts about AWS.
#[derive(Debug, Deserialize)]
pub struct Aws {
    partitions: Vec<Partition>,
    assuming: Assuming,
    connection_type_names: TypeNames,
    /// The names that botocore's `Config` takes.
    pub client_options: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Assuming {
    actions: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct TypeNames {
    names: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Partition {
    id: String,
    regions: Vec<String>,
}

impl Aws {
    /// The actions by which an identity takes a role.
    #[must_use]
    pub fn assuming_actions(&self) -> &[String] {
        &self.assuming.actions
    }

    /// Whether the backend of Secrets Manager takes the member `name` of a secret for the type of the
    /// connection.
    #[must_use]
    pub fn names_connection_type(&self, name: &str) -> bool {
        self.connection_type_names.names.iter().any(|known| known == name)
    }

    /// All regions of all partitions.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.partitions.iter().flat_map(|partition| &partition.regions).map(String::as_str)
    }

    /// The partition that holds `region`.
    #[must_use]
    pub fn partition_of(&self, region: &str) -> Option<&str> {
        let holds = |it: &&Partition| it.regions.iter().any(|known| known == region);
        self.partitions.iter().find(holds).map(|partition| partition.id.as_str())
    }

    /// Whether `id` is a partition, such as `aws` or `aws-cn`.
    #[must_use]
    pub fn has_partition(&self, id: &str) -> bool {
        self.partitions.iter().any(|partition| partition.id == id)
    }
}

static AWS: LazyLock<Aws> =
    LazyLock::new(|| embedded("aws.json", include_str!("../../rules/facts/aws.json")));

/// The facts about AWS.
#[must_use]
pub fn aws() -> &'static Aws {
    &AWS
}
