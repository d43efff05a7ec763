//! A server that is killed in the middle of a delivery.

use crate::harness::{ADMIN_SECRET, Process, Reply, Shop, Sink};

#[actix_rt::test]
async fn a_delivery_whose_answer_was_withheld_arrives_after_a_kill() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let secret = format!("admin_secret={ADMIN_SECRET}");
    let settings = [
        "--set",
        &secret,
        "--set",
        "webhooks_allow_http=true",
        "--set",
        "webhooks_allow_networks=127.0.0.0/8",
    ];
    let sink = Sink::start();
    sink.answers([Reply::Hold]);
    let server = Process::serve(folder.path(), &settings);
    let anonymous = server.anonymous();
    let shop = Shop::open(&anonymous, &anonymous.bearer(ADMIN_SECRET), "fondaco", "shop").await;
    let secret = shop.endpoint(&format!("{}/deep?x=1", sink.url()), &["product.created"]).await;
    shop.product("brushes").await;
    let first = sink.arrived(1).await.remove(0);
    assert!(!server.signal("KILL").success());
    let _again = Process::serve(folder.path(), &settings);
    let second = sink.arrived(2).await.remove(1);
    sink.release();
    assert_eq!(second.path, "/hook/deep?x=1");
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    second.is_signed_by(&secret);
}
