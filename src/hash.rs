//! Maps and sets with a quick hash, seeded anew in every process, so that no file can be made to collide on
//! purpose.

use foldhash::fast::RandomState;

/// A map by a quick hash.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// A set by a quick hash.
pub(crate) type HashSet<T> = std::collections::HashSet<T, RandomState>;
