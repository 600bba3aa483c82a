//! A value that satisfies a declared answer type: the same for the same question, plausible by name and
//! unit, never random.
//!
//! A personality is useful on the day its document is added, because what nobody has written yet answers
//! from here. A client reads such an answer as it would a product's, so each leaf is tried against the
//! rules that [`fits()`] uses before it is taken: the two cannot drift apart. Nothing is kept between calls,
//! patterns included; who answers the same question often keeps the answer.

use serde_json::{Map, Value};

use super::schema::{Kind, Property, Schema, Shape};

mod fits;
mod formats;
mod members;
mod names;
mod number;
mod pattern;
mod property;
mod spell;
mod text;
mod texts;

pub use fits::{Booleans, fits};
pub use members::is_numbered;

use fits::Rules;

/// What the answer is about.
#[derive(Clone, Copy)]
pub struct Hints<'a> {
    /// The value that a member of this name has, where it fits: the parameters of the path, as a rule, which
    /// a product repeats in its answer. The empty name is asked for the answer as a whole, when that is a
    /// text or a number: the task that a write started.
    pub values: &'a dyn Fn(&str) -> Option<Value>,
    /// How the product writes `true` and `false`.
    pub booleans: Booleans,
    /// Where to stop.
    pub limits: Limits,
}

/// Where a sample stops, whatever the schema asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Deeper than this, objects have the required members only and lists are as short as allowed.
    pub depth: usize,
    /// How many values a sample has at most, tries included.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 16,
            values: 4000,
        }
    }
}

/// A value that fits `schema`. Objects have the required members and those that say something usual,
/// lists one item. `null` when there is no such value, or none within the limits.
pub fn sample(schema: &Schema, hints: &Hints<'_>) -> Value {
    let mut sampler = Sampler {
        hints,
        rules: Rules::new(hints.booleans),
        left: hints.limits.values,
    };
    let spot = Spot {
        name: "",
        owner: "",
        depth: 0,
    };
    sampler.value(schema, spot).unwrap_or(Value::Null)
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
struct Spot<'s> {
    /// The name of the member that it is, or that it is an item of; empty for the answer as a whole.
    name: &'s str,
    /// What tells more about a name that is used for different things; often empty.
    owner: &'s str,
    /// How many values stand around it.
    depth: usize,
}

impl Spot<'_> {
    /// The text that its name says.
    fn named(self) -> Option<&'static str> {
        names::owned(self.owner, self.name)
            .or_else(|| names::text(self.name))
            .or_else(|| names::text(members::stem(self.name)))
    }
}

struct Sampler<'h> {
    hints: &'h Hints<'h>,
    rules: Rules,
    left: usize,
}

impl Sampler<'_> {
    /// A value for this place; `None` when none was found.
    fn value(&mut self, schema: &Schema, spot: Spot<'_>) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        let found = match &schema.kind {
            Kind::Object(shape) => self.object(shape, spot),
            Kind::Array(items) => self.list(schema, items, spot),
            Kind::OneOf(variants) => variants
                .iter()
                .find_map(|variant| self.value(variant, spot)),
            Kind::Any => Some(self.anything(spot)),
            Kind::String(_) => self.text(schema, spot),
            Kind::Integer | Kind::Number => self.number(schema, spot),
            Kind::Boolean => self.boolean(schema, spot),
        };
        found.or_else(|| schema.nullable.then_some(Value::Null))
    }

    fn object(&mut self, shape: &Shape, spot: Spot<'_>) -> Option<Value> {
        let mut object = Map::new();
        let instance = self.instance(shape, spot);
        let owner = members::owner(shape);
        for property in &shape.properties {
            let schema = members::variant(&property.schema, instance.as_deref());
            let shown = || members::shown(property, shape, instance.as_deref());
            let needed = members::needed(property, shape);
            if !needed && (self.ends(spot) || !shown()) {
                continue;
            }
            let name = members::written(&property.name);
            let inside = Spot {
                name: &name,
                owner,
                depth: spot.depth + 1,
            };
            if !needed && self.says_nothing(schema, &name) {
                continue;
            }
            match self.value(schema, inside) {
                Some(value) => object.insert(name.into_owned(), value),
                None if needed => return None,
                None => continue,
            };
        }
        if let Some(others) = shape.map().filter(|others| others.kind != Kind::Any) {
            let inside = Spot {
                name: spot.name,
                owner: spot.owner,
                depth: spot.depth + 1,
            };
            let value = (!self.ends(spot)).then(|| self.value(others, inside));
            object.extend(value.flatten().map(|value| ("example".to_owned(), value)));
        }
        Some(Value::Object(object))
    }

    /// Of which type an object is whose members depend on that.
    fn instance(&mut self, shape: &Shape, spot: Spot<'_>) -> Option<String> {
        let dependent = |property: &Property| property.schema.facts().type_property.clone();
        let name = shape.properties.iter().find_map(dependent)?;
        let property = members::named(shape, &name)?;
        let inside = Spot {
            name: &name,
            owner: members::owner(shape),
            depth: spot.depth + 1,
        };
        let value = self.value(&property.schema, inside)?;
        value.as_str().map(str::to_owned)
    }

    fn list(&mut self, schema: &Schema, items: &Schema, spot: Spot<'_>) -> Option<Value> {
        let facts = schema.facts();
        let least = facts.shortest.unwrap_or(0);
        let usual = match self.ends(spot) {
            true => 0,
            false => names::count(spot.name),
        };
        let most = facts.longest.unwrap_or(u64::MAX);
        let count = usize::try_from(least.max(usual.min(most))).ok()?;
        if count > self.left || least > most {
            return None;
        }
        let inside = Spot {
            name: spot.name,
            owner: spot.owner,
            depth: spot.depth + 1,
        };
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            match self.value(items, inside) {
                // Products forget to declare items, and then they are objects.
                Some(Value::Null) if items.kind == Kind::Any => values.push(Map::new().into()),
                Some(value) => values.push(value),
                None if least == 0 => break,
                None => return None,
            }
        }
        Some(Value::Array(values))
    }

    /// A value where everything fits: what the name says, else `null`.
    fn anything(&self, spot: Spot<'_>) -> Value {
        let named = || names::text(spot.name).map(Value::from);
        self.hint(spot).or_else(named).unwrap_or_default()
    }

    fn says_nothing(&self, schema: &Schema, name: &str) -> bool {
        let named = || names::text(name).is_some() || (self.hints.values)(name).is_some();
        schema.kind == Kind::Any && !named()
    }

    /// What the caller says; the items of a list without a name are not the answer as a whole.
    fn hint(&self, spot: Spot<'_>) -> Option<Value> {
        let named = !spot.name.is_empty() || spot.depth == 0;
        named.then(|| (self.hints.values)(spot.name)).flatten()
    }

    fn ends(&self, spot: Spot<'_>) -> bool {
        spot.depth >= self.hints.limits.depth || self.left == 0
    }
}

#[cfg(test)]
mod tests;
