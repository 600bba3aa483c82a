//! Permission paths with places for parameters: `/vms/{vmid}`.

use crate::proxmox::acl::normalized;

/// A path whose `{name}` parts come from the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub(super) String);

impl Template {
    /// The path with its places filled as the Perl product does: a missing or empty value, or `0`, becomes `-`
    /// (`PVE::Tools::template_replace`). `None` when a value has characters that no permission path has.
    pub(super) fn filled_or_dash(
        &self,
        parameter: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let value = |name: &str| {
            let value = parameter(name).filter(|value| !value.is_empty() && value != "0");
            Some(value.unwrap_or_else(|| "-".to_owned()))
        };
        normalized(&self.filled(value)?)
    }

    /// The path with its places filled; `None` when a value is missing, as in the Rust products. Values with
    /// slashes (namespaces) are several parts there, so they need no care.
    pub(super) fn filled_or_none(
        &self,
        parameter: &dyn Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let path = self.filled(parameter)?;
        let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        Some(format!("/{}", parts.join("/")))
    }

    fn filled(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut filled = String::with_capacity(self.0.len() + 16);
        let mut rest = self.0.as_str();
        while let Some((before, tail)) = rest.split_once('{') {
            let (name, after) = tail.split_once('}')?;
            filled.push_str(before);
            filled.push_str(&value(name)?);
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }
}
