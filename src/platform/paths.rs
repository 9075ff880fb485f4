//! Every address of the site that is used in more than one place. The constant is the pattern that the
//! routers take, and the function beside it fills in the pattern's parts.

macro_rules! paths {
    ($($(#[$doc:meta])* $pattern:ident $($name:ident($($part:ident),+))? = $path:literal;)+) => {
        $(
            #[doc = concat!("The pattern `", $path, "`, which the routers take.")]
            $(#[$doc])*
            pub const $pattern: &str = $path;
        )+
        $($(
            #[doc = concat!("The address `", $path, "` with its parts filled in.")]
            pub fn $name($($part: impl std::fmt::Display),+) -> String {
                format!($path)
            }
        )?)+
    };
}

// Pages, and the files that belong to them.
paths! {
    HOME = "/";
    TIPS = "/tips";
    TIP tip(number) = "/tips/{number}";
    TIP_BETSLIP tip_betslip(number) = "/tips/{number}/betslip";
    TIP_PREVIEW tip_preview(number) = "/tips/{number}/preview.jpg";
    TIP_SEALED tip_sealed(number) = "/tips/{number}/sealed.txt";
    TIPSTER tipster(handle) = "/tipsters/{handle}";
    LEADERBOARD = "/leaderboard";
    PORTRAIT portrait(name) = "/portraits/{name}";
    PAYMENT payment(id) = "/payments/{id}";
    PURCHASES = "/purchases";
    RECEIPT receipt(id) = "/purchases/{id}/receipt";
    NOTICES = "/notices";
    FOLLOWING = "/following";
    WALLET = "/wallet";
    MY_TIPS = "/my-tips";
    DRAFT draft(id) = "/sell/{id}";
    DRAFT_CHECK draft_check(id) = "/sell/{id}/check";
    DRAFT_PICTURE draft_picture(id) = "/sell/{id}/picture";
    REGISTER = "/register";
    SIGN_IN = "/sign-in";
    RESET = "/reset";
    CODE code(id) = "/code/{id}";
    ACCOUNT = "/account";
    LIMITS = "/account/limits";
    DESK = "/desk";
    DESK_TIPS = "/desk/tips";
    DESK_BETSLIP desk_betslip(number) = "/desk/tips/{number}/betslip";
    DESK_RESULTS = "/desk/results";
    DESK_TIP_RESULTS desk_tip_results(number) = "/desk/results/{number}";
    HELP = "/help";
    TERMS = "/terms";
    PRIVACY = "/privacy";
    ABOUT = "/about";
}

// The addresses to which forms are sent.
paths! {
    POST_LANGUAGE = "/api/language";
    POST_REGISTER = "/api/accounts/register";
    POST_SIGN_IN = "/api/accounts/sign-in";
    POST_SIGN_OUT = "/api/accounts/sign-out";
    POST_SIGN_OUT_EVERYWHERE = "/api/accounts/sign-out-everywhere";
    POST_SESSION_END post_session_end(id) = "/api/accounts/sessions/{id}/end";
    POST_CODE = "/api/accounts/code";
    POST_CODE_AGAIN = "/api/accounts/code/again";
    POST_RESET = "/api/accounts/reset";
    POST_PROVE = "/api/accounts/prove";
    POST_PROFILE = "/api/accounts/profile";
    POST_PORTRAIT = "/api/accounts/portrait";
    POST_PORTRAIT_REMOVE = "/api/accounts/portrait/remove";
    POST_PASSWORD = "/api/accounts/password";
    POST_LIMIT = "/api/accounts/limit";
    POST_BREAK = "/api/accounts/break";
    POST_CLOSE = "/api/accounts/close";
    POST_FOLLOW post_follow(person) = "/follows/{person}";
    POST_NOTICES_READ = "/notices/read";
    POST_NOTICE_READ post_notice_read(id) = "/notices/{id}/read";
    POST_PAYMENT = "/api/payments/start";
    POST_PAYMENT_CHECK post_payment_check(id) = "/api/payments/{id}/check";
    POST_PAYMENT_CLAIM post_payment_claim(id) = "/api/payments/{id}/claim";
    POST_DRAFT = "/api/selling/drafts";
    POST_DRAFT_DETAILS post_draft_details(id) = "/api/selling/drafts/{id}/details";
    POST_DRAFT_MATCH post_draft_match(id) = "/api/selling/drafts/{id}/matches";
    POST_DRAFT_MATCH_REMOVE post_draft_match_remove(id, number)
        = "/api/selling/drafts/{id}/matches/{number}/remove";
    POST_DRAFT_PICTURE post_draft_picture(id) = "/api/selling/drafts/{id}/picture";
    POST_DRAFT_PICTURE_REMOVE post_draft_picture_remove(id) = "/api/selling/drafts/{id}/picture/remove";
    POST_DRAFT_PUBLISH post_draft_publish(id) = "/api/selling/drafts/{id}/publish";
    POST_DRAFT_DELETE post_draft_delete(id) = "/api/selling/drafts/{id}/delete";
    POST_WITHDRAW post_withdraw(number) = "/api/selling/tips/{number}/withdraw";
    POST_APPROVE post_approve(number) = "/api/desk/tips/{number}/approve";
    POST_REJECT post_reject(number) = "/api/desk/tips/{number}/reject";
    POST_RESULT post_result(number, position) = "/api/desk/results/{number}/{position}";
}

// The addresses that the pay panel in the browser asks.
paths! {
    PAYMENT_STATE = "/api/payments/state";
    PAYMENT_EVENTS = "/api/payments/events";
}

// The addresses to which Safaricom posts, below `MPESA_CALLBACK_BASE`.
paths! {
    CALLBACK callback(token) = "/payments/api/callback/{token}";
    C2B_CONFIRMATION c2b_confirmation(token) = "/payments/api/c2b/{token}/confirmation";
    C2B_VALIDATION c2b_validation(token) = "/payments/api/c2b/{token}/validation";
}
