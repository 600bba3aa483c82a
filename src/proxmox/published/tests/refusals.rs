//! That what is refused is described as it is refused.

use super::*;
use crate::proxmox::envelope::{Envelope, Format};
use crate::proxmox::fault::{BadCredentials, Fault, Unacceptable, Unreachable};
use crate::proxmox::permission::Denied;

/// The schemas and statuses that are published for the refusals of an edition, on a path of a node.
fn refusals(edition: Edition) -> Value {
    let put =
        json!({"operationId": "a", "requestBody": {}, "responses": {"200": {"description": ""}}});
    let node =
        json!({"name": "node", "in": "path", "required": true, "schema": {"type": "string"}});
    let paths = json!({"/nodes/{node}": {"parameters": [node], "put": put}});
    let mut document = document(edition, &paths, &json!({}));
    let refused = document["components"]["responses"].take();
    let mut responses = document["paths"]["/nodes/{node}"]["put"]["responses"].take();
    for (status, response) in responses.as_object_mut().unwrap() {
        if status != "200" {
            assert_eq!(
                response["$ref"],
                format!("#/components/responses/refused.{status}")
            );
            *response = refused[&format!("refused.{status}")].clone();
        }
    }
    responses
}

#[test]
fn every_refusal_of_an_operation_is_described() {
    let faults = [
        Fault::parameter("a", "b"),
        Fault::NoCredentials,
        Fault::BadCredentials(BadCredentials::Ticket),
        Fault::BadCsrf,
        Fault::LoginFailed,
        Fault::NoTokens("/a".into()),
        Fault::Denied(Denied::because("/, Sys.Audit")),
        Fault::NotFound("a".into()),
        Fault::Failed("a".into()),
        Fault::Unreachable(Unreachable::Connect, "a".into()),
        Fault::Unreachable(Unreachable::Closed, "a".into()),
        Fault::Unreachable(Unreachable::Other, "a".into()),
        Fault::Unacceptable(Unacceptable::ContentType("a".into())),
        Fault::Unacceptable(Unacceptable::Json("a".into())),
        Fault::Unacceptable(Unacceptable::BodyTooLarge),
    ];
    let editions = [
        Edition::Pve7,
        Edition::Pve8,
        Edition::Pve9,
        Edition::Pbs,
        Edition::Pdm,
    ];
    for edition in editions {
        let described = refusals(edition);
        let envelope = Envelope {
            edition,
            format: Format::Json,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        for fault in &faults {
            let reply = envelope.reply(Err(fault.clone()));
            let response = &described[&reply.status.to_string()];
            assert!(response.is_object(), "{edition:?} {fault:?}");
            let schema = &response["content"]["application/json"]["schema"];
            let crate::http::Body::Whole(body) = &reply.body else {
                panic!("a stream");
            };
            if let Some(properties) = schema["properties"].as_object() {
                let body: Value = serde_json::from_slice(body).unwrap();
                let names: Vec<_> = body.as_object().unwrap().keys().collect();
                assert!(
                    names.iter().all(|name| properties.contains_key(*name)),
                    "{body}"
                );
                let required = schema["required"].as_array().unwrap();
                assert!(
                    required
                        .iter()
                        .all(|name| body.get(name.as_str().unwrap()).is_some())
                );
            }
        }
    }
}
