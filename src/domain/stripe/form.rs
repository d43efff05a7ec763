//! The form bodies Stripe takes: `line_items[0][price_data][currency]=usd`.

use serde_json::Value;

/// A form body in the order it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Writes nested JSON as bracketed pairs: members by name, list places by number. What is `null` is left out; an
    /// empty text is kept, since it clears a value.
    pub fn of(value: &Value) -> Self {
        let mut form = Self::default();
        if let Value::Object(members) = value {
            for (name, value) in members {
                form.put(name.clone(), value);
            }
        }
        form
    }

    fn put(&mut self, name: String, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(flag) => self.pairs.push((name, flag.to_string())),
            Value::Number(number) => self.pairs.push((name, number.to_string())),
            Value::String(text) => self.pairs.push((name, text.clone())),
            Value::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    self.put(format!("{name}[{place}]"), item);
                }
            }
            Value::Object(members) => {
                for (member, value) in members {
                    self.put(format!("{name}[{member}]"), value);
                }
            }
        }
    }

    /// The pairs, not yet escaped.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The body as `application/x-www-form-urlencoded`.
    pub fn body(&self) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.pairs {
            out.append_pair(name, value);
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nesting_becomes_brackets_and_nothing_is_left_out_but_null() {
        let form = Form::of(&json!({
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": {"unit_amount": 2900, "product_data": {"name": "Ä & B"}}}],
            "metadata": {"a[b]": ""},
            "payment_intent_data": {"metadata": {"is_gift": true}},
            "customer": null,
            "payment_method_types": ["card", "link"],
            "none": {},
        }));
        let names: Vec<_> = form.pairs().iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "mode",
            "line_items[0][quantity]",
            "line_items[0][price_data][unit_amount]",
            "line_items[0][price_data][product_data][name]",
            "metadata[a[b]]",
            "payment_intent_data[metadata][is_gift]",
            "payment_method_types[0]",
            "payment_method_types[1]",
        ];
        assert_eq!(names, expected);
        assert!(
            form.body().contains("product_data%5D%5Bname%5D=%C3%84+%26+B"),
            "{}",
            form.body()
        );
    }
}
