//! The public page of a certificate, or the same as data.

use super::service;
use super::types::ProofView;
use crate::context::Answer;
use crate::domain::{Kind, Result};
use crate::http::Call;
use crate::http::html::escaped;
use crate::http::page::{absent, sheet, wants_data};

pub(super) async fn show(call: Call) -> Result<Answer> {
    let asked = call.place("number");
    let (number, is_data) = match asked.strip_suffix(".json") {
        Some(number) => (number, true),
        None => (asked, wants_data(call.header("accept"))),
    };
    match service::prove(&call.ctx, number).await {
        Ok(proof) if is_data => Answer::one("certificate_proof", &proof),
        Ok(proof) => Ok(page(&proof)),
        Err(error) if !is_data && error.kind() == Kind::NotFound => Ok(absent("There is no such certificate.")),
        Err(error) => Err(error),
    }
}

fn page(proof: &ProofView) -> Answer {
    let day = proof.issued_at.date_time().date();
    let body = format!(
        "<div class=\"c\"><p>{issuer}</p><h1>Certificate of completion</h1><p>This certifies that</p>\
         <p class=\"big\"><strong>{holder}</strong></p><p>has completed the course</p>\
         <p class=\"big\"><strong>{course}</strong></p><p>{day}</p><p><small>No. {number}<br>Verify at {url}</small></p></div>",
        issuer = escaped(&proof.issuer),
        holder = escaped(&proof.student_name),
        course = escaped(&proof.course_title),
        number = escaped(&proof.number),
        url = escaped(&proof.url),
    );
    sheet(&format!("Certificate {}", proof.number), &body)
}
