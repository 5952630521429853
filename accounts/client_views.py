"""Pages about clients: the list, one client, its team, its people, and closing it."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import client_for, client_person_for, for_administrators, for_the_firm
from accounts.forms import ClientForm, ClientListForm, ConfirmForm, PersonForm
from accounts.mail import send_invitation
from accounts.models import Client, User
from accounts.paging import Page

CLIENTS_PER_PAGE = 50


@for_the_firm
@require_GET
def clients(request):
    form = ClientListForm(request.GET)
    found = form.filter(Client.objects.visible_to(request.user))
    people = Prefetch("people", User.objects.only("email", "former_email"))
    team = Prefetch("firm_users", User.objects.only("name", "email").order_by("name"))
    found = found.prefetch_related(people, team)
    page = Page(found, "name", request.GET, size=CLIENTS_PER_PAGE)
    return render(request, "accounts/clients.html", {"page": page, "form": form})


@for_the_firm
@require_http_methods(["GET", "POST"])
def add_client(request):
    form = ClientForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        client = Client.add(form.cleaned_data["name"], team=form.team, by=request.user)
        messages.success(request, f"{client} is added. Invite the people who use the portal for them.")
        return redirect("client-people", client.pk)
    return render(request, "accounts/add_client.html", {"form": form})


@for_the_firm
@require_GET
def client(request, client_id):
    client = client_for(request.user, client_id)
    context = {
        "client": client,
        "people": client.people.prefetch_related("invitations").order_by("email"),
        "team": client.assignments.select_related("user").order_by("user__name"),
    }
    return render(request, "accounts/client.html", context)


@for_the_firm
@require_http_methods(["GET", "POST"])
def edit_client(request, client_id):
    client = client_for(request.user, client_id)
    form = ClientForm(request.POST or None, instance=client, by=request.user)
    if request.method == "POST" and form.is_valid():
        Client.objects.get(pk=client.pk).change(name=form.cleaned_data["name"], team=form.team, by=request.user)
        messages.success(request, f"{form.cleaned_data['name']} is changed.")
        return redirect("client", client.pk)
    return render(request, "accounts/edit_client.html", {"form": form, "client": client})


@for_the_firm
@require_http_methods(["GET", "POST"])
def add_person(request, client_id):
    """Invites somebody, or adds a person who already uses the portal for another client."""
    client = client_for(request.user, client_id)
    form = PersonForm(request.POST or None, client=client)
    if request.method == "POST" and form.is_valid():
        if form.known:
            client.add_person(form.known, by=request.user)
            messages.success(request, f"{form.known.email} now also belongs to {client}.")
        else:
            user, token = client.invite(form.cleaned_data["email"], name=form.cleaned_data["name"], by=request.user)
            tell_invited(request, user, token)
        return redirect("client", client.pk)
    return render(request, "accounts/add_person.html", {"form": form, "client": client})


@for_the_firm
@require_POST
def remove_person(request, client_id, user_id):
    client = client_for(request.user, client_id)
    person = client_person_for(client, user_id)
    client.remove_person(person, by=request.user)
    messages.success(request, f"{person.email} no longer belongs to {client}.")
    return redirect("client", client.pk)


@for_administrators
@require_POST
def archive_client(request, client_id):
    client = client_for(request.user, client_id)
    client.archive(by=request.user)
    messages.success(request, f"{client} is archived. Its people can no longer open its files.")
    return redirect("client", client.pk)


@for_administrators
@require_POST
def reactivate_client(request, client_id):
    client = client_for(request.user, client_id)
    client.reactivate(by=request.user)
    messages.success(request, f"{client} is open again, as before.")
    return redirect("client", client.pk)


@for_administrators
@require_http_methods(["GET", "POST"])
def delete_client(request, client_id):
    """Asks to type YES: it cannot be taken back by the firm's own people, only by an administrator."""
    client = client_for(request.user, client_id)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        client.delete_client(by=request.user)
        messages.success(request, f"{client} is deleted. Its files stay until their retention ends.")
        return redirect("clients")
    return render(request, "accounts/delete_client.html", {"form": form, "client": client})


def tell_invited(request, user, token):
    """The invitation goes out by mail; where mail fails, the account stands and the page says so."""
    try:
        send_invitation(user, token, by=request.user)
        messages.success(request, f"{user.email} is invited. The link in the mail works for 14 days.")
    except OSError:
        messages.error(
            request, f"{user.email} has an account, but the mail could not be sent. Check the mail settings."
        )
