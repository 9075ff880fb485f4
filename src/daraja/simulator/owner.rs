//! The owners of the phones answer a prompt or let its life end. An autopilot answers in their place.

use std::sync::Arc;

use super::prompt::OwnerAnswer;
use super::state::SimulatorState;
use super::world::CannotAnswer;

impl SimulatorState {
    /// Ends the prompts whose life is over, and posts their callbacks.
    pub fn expire(self: &Arc<Self>) {
        let expired = self.world().expire(self.clock.now(), &self.random);
        for ended in expired {
            self.deliver(ended.batches);
        }
    }

    /// Answers a prompt as the owner of its phone; the callback leaves at once.
    ///
    /// # Errors
    /// [`CannotAnswer`] if there is no such prompt, or it was answered or is over.
    pub fn answer(
        self: &Arc<Self>,
        checkout_request_id: &str,
        answer: OwnerAnswer,
    ) -> Result<(), CannotAnswer> {
        let ended = self.world().answer(checkout_request_id, answer, self.clock.now(), &self.random)?;
        self.changed.notify_one();
        if let Some(ended) = ended {
            self.deliver(ended.batches);
        }
        Ok(())
    }

    /// Lets the autopilot answer a new prompt after its delay. Without an autopilot it does nothing.
    pub fn wake_autopilot(self: &Arc<Self>, checkout_request_id: String) {
        let Some(autopilot) = self.autopilot else { return };
        let shared = self.clone();
        self.spawn(async move {
            tokio::time::sleep(autopilot.delay).await;
            // A person may have answered before, or the prompt's life may be over.
            let _ = shared.answer(&checkout_request_id, autopilot.answer);
        });
    }
}
