trace("unused module evaluated\n");
