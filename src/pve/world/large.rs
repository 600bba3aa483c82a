//! Large clusters
use super::World;
impl World {
    /// grown
    pub(super) fn grown(self, _guests: u32, _seed: u64) -> Self {
        self
    }
}
