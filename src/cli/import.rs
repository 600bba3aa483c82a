//! `mock-server openapi import`: a product's own API description becomes a contract.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result};

use super::Import;
use crate::contract::import::{ImportError, Labels, import as document_of};

/// Writes the document, and on stderr what it is when it goes to a file.
///
/// # Errors
/// When the file cannot be read or holds no API description, or the document cannot be written.
pub(super) fn import(flags: &Import) -> Result<()> {
    let file = flags.file.display();
    let text = fs::read(&flags.file).with_context(|| format!("{file} cannot be read"))?;
    let name = flags.file.file_name().unwrap_or(flags.file.as_os_str());
    let labels = Labels {
        title: flags.title.clone(),
        release: flags.release.clone(),
        source: name.to_string_lossy().into_owned(),
    };
    // The document names the file alone; who ran the command wants it as they wrote it.
    let imported = document_of(&text, &labels).map_err(|error| ImportError {
        place: file.to_string(),
        ..error
    })?;
    let Some(output) = &flags.output else {
        // A reader that went away is not a fault.
        let _ = std::io::stdout()
            .lock()
            .write_all(imported.document.as_bytes());
        return Ok(());
    };
    let target = output.display();
    fs::write(output, &imported.document).with_context(|| format!("{target} cannot be written"))?;
    let count = match imported.operations {
        1 => "1 operation".to_owned(),
        count => format!("{count} operations"),
    };
    let _ = writeln!(std::io::stderr().lock(), "{target}: {count}");
    Ok(())
}
