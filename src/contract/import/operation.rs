//! A product's method on a path as an `OpenAPI` operation.

use serde_json::{Map, Value, json};

use super::keyword::{is_prose, keep};
use super::members::{object, properties, wrong};
use super::schema::normalise;
use super::tree::{Fault, Node};

/// Members of a method that are yes or no, however the product spells it.
const FLAGS: [&str; 6] = [
    "allowtoken",
    "protected",
    "download",
    "download_allowed",
    "expose_credentials",
    "unstable",
];

/// What a method takes and gives, before it has a name.
pub(super) struct Draft {
    /// The path parameters, and for methods without a body all others.
    parameters: Vec<Value>,
    /// The schema of a body, and whether it takes a file.
    pub(super) body: Option<Map<String, Value>>,
    /// Whether the body has a file in it.
    upload: bool,
    /// The schema of what it answers with; `None` when it declares none or answers with `null`.
    returns: Option<Map<String, Value>>,
    facts: Map<String, Value>,
}

impl Draft {
    /// Reads a method. `names` are those of the path's parameters.
    pub(super) fn read(method: &str, names: &[&str], node: &Node) -> Result<Self, Fault> {
        let members = object(node, method)?;
        let mut draft = Self {
            parameters: Vec::new(),
            body: None,
            upload: false,
            returns: None,
            facts: Map::new(),
        };
        for (name, member) in members {
            match name.as_str() {
                "parameters" | "returns" => {}
                "method" if member.text() == Some(method) => {}
                name if is_prose(name) => {}
                name if FLAGS.contains(&name) => {
                    let flag = member.flag();
                    let flag = flag.ok_or_else(|| wrong(member, name, "0 or 1"))?;
                    keep(&mut draft.facts, name, flag.into());
                }
                name => keep(&mut draft.facts, name, member.bare()),
            }
        }
        draft.parameters(method, names, node.get("parameters"))?;
        if let Some(returns) = node.get("returns") {
            draft.returns(returns)?;
        }
        Ok(draft)
    }

    /// The operation under its name; `body` is what the schema of its body is called.
    pub(super) fn finish(self, id: &str, body: Option<&str>) -> Value {
        let mut out = Map::new();
        out.insert("operationId".into(), id.into());
        if !self.parameters.is_empty() {
            out.insert("parameters".into(), self.parameters.into());
        }
        if let (Some(name), Some(schema)) = (body, &self.body) {
            let media = json!({"schema": {"$ref": format!("#/components/schemas/{name}")}});
            let mut content = Map::new();
            for form in ["application/x-www-form-urlencoded", "application/json"] {
                content.insert(form.into(), media.clone());
            }
            if self.upload {
                content.insert("multipart/form-data".into(), media);
            }
            let body = if schema.contains_key("required") {
                json!({"required": true, "content": content})
            } else {
                json!({"content": content})
            };
            out.insert("requestBody".into(), body);
        }
        let answer = match self.returns {
            Some(schema) => {
                json!({"description": "", "content": {"application/json": {"schema": schema}}})
            }
            None => json!({"description": ""}),
        };
        out.insert("responses".into(), json!({"200": answer}));
        out.extend(self.facts);
        Value::Object(out)
    }

    fn parameters(
        &mut self,
        method: &str,
        names: &[&str],
        node: Option<&Node>,
    ) -> Result<(), Fault> {
        let members = match node {
            Some(node) => object(node, "parameters")?,
            None => &[],
        };
        let (mut schemas, mut required) = (Map::new(), Vec::new());
        let mut additional = Value::Bool(true);
        let mut rest = Map::new();
        for (name, member) in members {
            match name.as_str() {
                "properties" => {
                    (schemas, required) = properties(object(member, "parameters")?, "parameters")?;
                }
                "additionalProperties" => {
                    additional = match member.flag() {
                        Some(flag) => flag.into(),
                        None => normalise(member, "parameters.additionalProperties")?.into(),
                    }
                }
                "type" if member.text() == Some("object") => {}
                name if is_prose(name) => {}
                name => keep(&mut rest, name, member.bare()),
            }
        }
        if !rest.is_empty() {
            keep(&mut self.facts, "parameters", rest.into());
        }
        for &name in names {
            let schema =
                path_parameter(schemas.shift_remove(name), required.contains(&name.into()));
            let parameter = json!({"name": name, "in": "path", "required": true, "schema": schema});
            self.parameters.push(parameter);
        }
        required.retain(|required| !names.iter().any(|name| required == name));
        if matches!(method, "POST" | "PUT" | "PATCH") && !schemas.is_empty() {
            self.upload = schemas.contains_key("tmpfilename") && schemas.contains_key("filename");
            if self.upload {
                keep(&mut self.facts, "upload", true.into());
            }
            self.body = Some(body(schemas, required, additional));
            return Ok(());
        }
        for (name, schema) in schemas {
            let parameter = if required.contains(&name.as_str().into()) {
                json!({"name": name, "in": "query", "required": true, "schema": schema})
            } else {
                json!({"name": name, "in": "query", "schema": schema})
            };
            self.parameters.push(parameter);
        }
        if additional != Value::Bool(false) {
            keep(&mut self.facts, "additional-parameters", additional);
        }
        Ok(())
    }

    fn returns(&mut self, node: &Node) -> Result<(), Fault> {
        let mut schema = normalise(node, "returns")?;
        let of_items = |schema: &mut Map<String, Value>| {
            let items = schema.get_mut("items")?.as_object_mut()?;
            items.shift_remove("x-links")
        };
        // The products attach the links to the list, and sometimes to what is in it.
        let links = schema.shift_remove("x-links");
        if let Some(links) = links.or_else(|| of_items(&mut schema)) {
            keep(&mut self.facts, "links", links);
        }
        if schema.get("x-type").and_then(Value::as_str) == Some("null") {
            keep(&mut self.facts, "returns-null", true.into());
            schema.shift_remove("x-type");
            if !schema.is_empty() {
                keep(&mut self.facts, "returns", schema.into());
            }
        } else if !schema.is_empty() {
            self.returns = Some(schema);
        }
        Ok(())
    }
}

/// The schema of a path parameter. Products leave some out of their parameters, and call some optional.
fn path_parameter(schema: Option<Value>, required: bool) -> Value {
    match schema {
        Some(Value::Object(mut schema)) if !required => {
            keep(&mut schema, "optional", true.into());
            schema.into()
        }
        Some(schema) => schema,
        None => json!({"type": "string", "x-undeclared": true}),
    }
}

fn body(
    schemas: Map<String, Value>,
    required: Vec<Value>,
    additional: Value,
) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), schemas.into());
    if !required.is_empty() {
        schema.insert("required".into(), required.into());
    }
    schema.insert("additionalProperties".into(), additional);
    schema
}
