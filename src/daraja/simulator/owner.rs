//! The owners of the phones: they answer a prompt or let its life end, and an autopilot answers in their place.

use std::sync::Arc;

use super::prompt::OwnerAnswer;
use super::state::SimulatorState;
use super::world::CannotAnswer;

impl SimulatorState {
    /// Ends the prompts whose life is over.
    pub fn expire(self: &Arc<Self>) {
        let expired = self.world().expire(self.clock.now(), &self.random);
        for ended in expired {
            self.deliver(ended.batches);
        }
    }

    /// A phone's owner answers; the callback leaves at once.
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

    /// Lets the autopilot answer a new prompt, if there is one.
    pub fn wake_autopilot(self: &Arc<Self>, checkout_request_id: String) {
        let Some(autopilot) = self.autopilot else { return };
        let shared = self.clone();
        self.spawn(async move {
            tokio::time::sleep(autopilot.delay).await;
            // Somebody may have been faster, or the prompt's life is over.
            let _ = shared.answer(&checkout_request_id, autopilot.answer);
        });
    }
}
