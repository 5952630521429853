/** Shows a passkey button once the browser can use it, and says in words what went wrong. allauth's own scripts
 * (mfa/js/webauthn.js) speak with the authenticator and send the form. */
const PROBLEMS = {
  NotAllowedError: "The passkey was not given, or too late. Try again.",
  InvalidStateError: "This device has a passkey for you already.",
  NotSupportedError: "This device cannot hold such a passkey. Try another one, or an authenticator app.",
  SecurityError: "Passkeys work only at the portal's own address.",
};

export function connect(button) {
  const shown = button.closest("[data-needs-script]");
  const problem = document.getElementById("passkey-problem");
  const tell = (words) => {
    if (!problem) return;
    problem.querySelector("span").textContent = words;
    problem.hidden = false;
  };
  if (!window.PublicKeyCredential || !window.allauth) {
    if (problem?.hasAttribute("data-only-way")) tell("This browser knows no passkeys.");
    return;
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault(); // allauth would write to the console
    const { exception } = event.detail;
    tell(PROBLEMS[exception.name] ?? "The portal did not answer. Try again in a minute.");
  });
  window.allauth.webauthn.forms[button.dataset.passkey]({
    ids: {
      login: button.id,
      authenticate: button.id,
      add: button.id,
      credential: "passkey-credential",
      passwordless: "id_passwordless",
      data: "passkey-options",
    },
  });
  shown.hidden = false;
}
