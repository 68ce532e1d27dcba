//! What waiting messages and notes say is changed, and when messages are due; notes are resolved.

use super::{
    accept::check_content,
    desk::{Desk, Stop},
};
use crate::{
    content::{self, AttachmentTypes, Parts},
    error::Refusal,
    model::{AccountKey, MessageRow, Resolved, Status},
    request::{Answer, Edit, Which},
};

impl Desk<'_> {
    /// The message that is meant. Refused: `not_found`.
    pub(super) fn meant(&mut self, key: AccountKey, which: &Which) -> Result<MessageRow, Stop> {
        let message = self.message(key, &which.id)?;
        let is_note = message.status == Status::Note;
        let is_of_chat = which.chat.as_ref().is_none_or(|chat| *chat == message.chat);
        if is_of_chat && which.is_note.is_none_or(|meant| meant == is_note) {
            return Ok(message);
        }
        Err(Refusal::no_message(&which.id).into())
    }

    /// Changes a message or a note. Refused, in this order: `not_found`, `nothing_to_change`,
    /// `bad_request`, `too_large`, `empty_message`, `message_settled`, `message_out`,
    /// `quota_exhausted`, `policy_error`.
    pub(super) fn edit(
        &mut self,
        key: AccountKey,
        which: &Which,
        edit: Edit,
    ) -> Result<Answer, Stop> {
        let mut message = self.meant(key, which)?;
        let was = message.at;
        let Edit { resolved, due, content, by } = edit;
        let is_other = due.is_some() || !content.is_empty();
        if resolved.is_none() && !is_other {
            let nothing = "name what the message says, when it is due, or that it is resolved";
            return Err(Refusal::new("nothing_to_change", 400, nothing).into());
        }
        let is_note = message.status == Status::Note;
        if is_note && due.is_some() {
            return Err(Refusal::bad("timestamp", "a note is never due").into());
        }
        if !is_note && resolved.is_some() {
            return Err(Refusal::bad("resolved", "only notes are resolved").into());
        }
        if !content.is_empty() {
            say(&mut message, content)?;
        }
        if !is_note {
            if message.status != Status::Pending {
                let settled = format_args!("the message `{}` does not wait any more", message.id);
                return Err(Refusal::new("message_settled", 409, settled).into());
            }
            self.may_change(key, &message.id, message.number)?;
        }
        if let Some(due) = due {
            let due = due.max(self.now);
            // One that counts already needs no other place.
            if message.counted.is_none() {
                self.check_period(key, self.policy.running(due), 1, Some(&message))?;
            }
            message.at = due;
        }
        if is_other {
            message.edited = Some(self.now);
        }
        match resolved {
            Some(true) if message.resolved.is_none() => {
                message.resolved = Some(Resolved { by, at: self.now });
            }
            Some(false) => message.resolved = None,
            _ => {}
        }
        if !is_note {
            // It is tried anew, and if it is due later, those behind it go first.
            self.start_over(key, &message.id, message.number)?;
        }
        message.revision += 1;
        self.transaction.rewrite(&message, was)?;
        Ok(Answer::Edited(Box::new(message)))
    }
}

/// Has a message say something else in part. Refused: `empty_message`, `bad_request`, `too_large`.
fn say(message: &mut MessageRow, parts: Parts) -> Result<(), Refusal> {
    let mut content: Parts = serde_json::from_str(&message.content).unwrap_or_default();
    content.extend(parts);
    if content::is_empty(&content) {
        return Err(empty_message());
    }
    message.content = content::text_of(&content);
    message.attachments = AttachmentTypes::of_content(&message.content);
    check_content(&message.content)
}

fn empty_message() -> Refusal {
    Refusal::new("empty_message", 400, "the message has neither a text nor an attachment")
}
