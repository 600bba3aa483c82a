//! `GET /v1/nodes/{id}/secrets/{key}`.

use crate::support::server::TestServer;

#[test]
fn the_constant_of_the_contract_for_every_name() {
    let server = TestServer::start();
    let check = |segment: &str, key: &str| {
        let answer = server
            .get(&format!("/v1/nodes/any/secrets/{segment}"))
            .expect(200);
        let want = format!(
            "{{\"key\":\"{key}\",\"ciphertext\":\"l/T2Pmeub3tfdM3TNH1QgWaoferB10sP0XA3w2iTgk4puIt5RWM=\",\"nonce\":\"AAAAAAAAAAAAAAAA\",\"version\":1}}\n"
        );
        assert_eq!(answer.text(), want);
    };
    check("local-bearer-token", "local-bearer-token");
    check("a%2Fb", "a/b");
    check("a%22b", "a\\\"b");
    check("a%3Cb", "a\\u003cb");
    assert_eq!(server.counter("secrets_count"), 4);
}
