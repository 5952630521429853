"""What the filters share. A filter is an object: parameters → rows, and the same in words."""


def clients(request):
    return request.user.visible_clients().order_by("name")
