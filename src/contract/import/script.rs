//! Where in a file the tree stands: the whole of it, or what a script assigns to a variable.
//!
//! Every installation carries such a script for its API viewer. The names are those that the products
//! have used over the years.

use super::tree::{self, Fault, Node};

/// The variables that hold a tree.
const VARIABLES: [&str; 3] = ["apiSchema", "pveapi", "pmgapi"];

/// The tree in a file.
pub(super) fn find(text: &[u8]) -> Result<Node, Fault> {
    let text = std::str::from_utf8(text)
        .map_err(|error| Fault::new(error.valid_up_to(), "the text is not UTF-8 from here on"))?;
    if text.trim_start().starts_with('[') {
        let (node, length) = tree::read(text.as_bytes(), 0)?;
        let rest = text.get(length..).unwrap_or_default();
        let after = rest.trim_start();
        if after.is_empty() {
            return Ok(node);
        }
        let at = text.len() - after.len();
        return Err(Fault::new(at, "something follows the list of paths"));
    }
    let Some(start) = VARIABLES
        .iter()
        .filter_map(|name| assigned(text, name))
        .min()
    else {
        let message = "neither a JSON list of paths nor a script with `const apiSchema = [`";
        return Err(Fault::new(0, message));
    };
    let (node, _) = tree::read(&text.as_bytes()[start..], start)?;
    Ok(node)
}

/// The opening bracket of the list that a statement gives to a variable.
fn assigned(text: &str, variable: &str) -> Option<usize> {
    text.match_indices(variable).find_map(|(at, _)| {
        if !begins_statement(&text[..at]) {
            return None;
        }
        let rest = &text[at + variable.len()..];
        let list = rest.trim_start().strip_prefix('=')?.trim_start();
        list.starts_with('[').then(|| text.len() - list.len())
    })
}

/// Whether a statement may begin here: not within a comment, a string or a longer name.
fn begins_statement(before: &str) -> bool {
    let words = ["const", "var", "let"];
    let bare = before.trim_end();
    let declared = words.iter().find_map(|word| bare.strip_suffix(word));
    let spaced = bare.len() < before.len();
    let start = match declared {
        Some(start) if spaced => start,
        _ => before,
    };
    let line = start.trim_end_matches([' ', '\t']);
    line.is_empty() || line.ends_with(['\n', '\r', ';', '{', '}']) || line.ends_with("*/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_found() {
        let check = |text: &str, want: Result<&str, (usize, &str)>| {
            let got = find(text.as_bytes());
            let got = got.as_ref().map(|node| node.bare().to_string());
            let got = got.as_deref().map_err(|fault| (fault.at, &*fault.message));
            assert_eq!(got, want, "{text}");
        };
        let none = "neither a JSON list of paths nor a script with `const apiSchema = [`";
        check(" [{}]\n", Ok("[{}]"));
        check("const apiSchema = [\n{}];\nlet x = [];", Ok("[{}]"));
        check("var apiSchema =\n[1]", Ok("[1]"));
        check(
            "let\tapiSchema=[\"]\\\"]\",2] }{ garbage",
            Ok("[\"]\\\"]\",2]"),
        );
        check("apiSchema = [1];", Ok("[1]"));
        check("var pveapi = [1]; var apiSchema = [2]", Ok("[1]"));
        check("/* head */ const apiSchema = [1];", Ok("[1]"));
        check(
            "Ext.define('a', { b: [1] });\n// const apiSchema = [2]\nconst apiSchema = [3];",
            Ok("[3]"),
        );
        check("(function() {var apiSchema = [1];})", Ok("[1]"));
        check("const myapiSchema = [1];", Err((0, none)));
        check("x = 'const apiSchema = [1]';", Err((0, none)));
        check("apiSchema == [1]", Err((0, none)));
        check("apiSchemas = [1]", Err((0, none)));
        check("", Err((0, none)));
        check("{}", Err((0, none)));
        check("[1] x", Err((4, "something follows the list of paths")));
        check("const apiSchema = [", Err((19, "the text ends too early")));
        check(
            "const apiSchema = [{a: 1}]",
            Err((20, "the name of a field is missing")),
        );
        let broken = find(b"[\"\xff\"]").unwrap_err();
        assert_eq!(broken, Fault::new(2, "the text is not UTF-8 from here on"));
    }
}
